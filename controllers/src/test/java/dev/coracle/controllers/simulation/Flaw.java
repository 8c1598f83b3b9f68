package dev.coracle.controllers.simulation;

import static dev.coracle.machinery.object.Resources.JOBS;
import static dev.coracle.machinery.object.Resources.PODS;
import static dev.coracle.machinery.object.Resources.POD_DISRUPTION_BUDGETS;
import static dev.coracle.machinery.object.Resources.REPLICA_SETS;

import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.function.UnaryOperator;

/**
 * Faults that controllers could have, planted where they meet the API. Each must be found: what finds none of them would
 * find no other.
 */
enum Flaw {
    MAKES_EACH_POD_TWICE(to -> new Forwarding(to) {
        @Override
        public Revision create(
                GroupVersionResource resource, String namespace, Unstructured object, WriteOptions options) {
            if (resource.equals(PODS) && object.name().isEmpty()) {
                super.create(resource, namespace, object, options);
            }
            return super.create(resource, namespace, object, options);
        }
    }),

    TAKES_EVERY_POD_FOR_READY(to -> new Forwarding(to) {
        @Override
        Revision seen(Revision r) {
            return r.resource().equals(PODS)
                    ? changed(
                            r,
                            r.object()
                                    .copy()
                                    .add(
                                            Unstructured.parse("{\"type\":\"Ready\",\"status\":\"True\","
                                                    + "\"lastTransitionTime\":\"2026-01-01T00:00:00Z\"}"),
                                            "status",
                                            "conditions"))
                    : r;
        }
    }),

    NEVER_HEARS_OF_DELETIONS(to -> new Forwarding(to) {
        @Override
        boolean hears(WatchEvent event) {
            return event.type() != WatchEvent.Type.DELETED;
        }
    }),

    LOSES_AN_EVENT_NOW_AND_THEN(to -> new Forwarding(to) {
        @Override
        boolean hears(WatchEvent event) {
            return event.revision().version() % 5 != 0
                    || !event.revision().resource().equals(PODS);
        }
    }),

    WRITES_NO_STATUS_OF_SETS(to -> new Forwarding(to) {
        @Override
        public Revision patch(
                GroupVersionResource resource, String namespace, String name, Patch patch, WriteOptions options) {
            return resource.equals(REPLICA_SETS) && options.subresource().equals("status")
                    ? to.get(resource, namespace, name)
                    : super.patch(resource, namespace, name, patch, options);
        }
    }),

    BELIEVES_ALL_REPLICAS_AVAILABLE(to -> new Forwarding(to) {
        @Override
        Revision seen(Revision r) {
            return r.resource().equals(REPLICA_SETS)
                    ? changed(
                            r,
                            r.object()
                                    .copy()
                                    .set(r.object().integer(0, "spec", "replicas"), "status", "availableReplicas")
                                    .set(r.object().integer(0, "spec", "replicas"), "status", "readyReplicas")
                                    .set(r.object().integer(0, "spec", "replicas"), "status", "replicas"))
                    : r;
        }
    }),

    LETS_FINALIZERS_STAY(to -> new Forwarding(to) {
        @Override
        public Revision patch(
                GroupVersionResource resource, String namespace, String name, Patch patch, WriteOptions options) {
            return resource.equals(PODS) && options.subresource().isEmpty()
                    ? to.get(resource, namespace, name)
                    : super.patch(resource, namespace, name, patch, options);
        }

        @Override
        public Revision update(GroupVersionResource resource, Unstructured object, WriteOptions options) {
            return resource.equals(PODS) && options.subresource().isEmpty()
                    ? to.get(resource, object.namespace(), object.name())
                    : super.update(resource, object, options);
        }
    }),

    DELETES_NOTHING(to -> new Forwarding(to) {
        @Override
        public Revision delete(GroupVersionResource resource, String namespace, String name, DeleteOptions options) {
            return resource.equals(PODS)
                    ? to.get(resource, namespace, name)
                    : super.delete(resource, namespace, name, options);
        }
    }),

    TELLS_OF_JOBS_WITHOUT_COUNTING(to -> new Forwarding(to) {
        @Override
        Revision seen(Revision r) {
            // As if what is yet to be counted had never been noted.
            return r.resource().equals(JOBS)
                    ? changed(r, r.object().copy().remove("status", "uncountedTerminatedPods"))
                    : r;
        }
    }),

    FORGETS_WHICH_PODS_WERE_EVICTED(to -> new Forwarding(to) {
        @Override
        Revision seen(Revision r) {
            return r.resource().equals(POD_DISRUPTION_BUDGETS)
                    ? changed(r, r.object().copy().remove("status", "disruptedPods"))
                    : r;
        }
    });

    private final UnaryOperator<Client> planted;

    Flaw(UnaryOperator<Client> planted) {
        this.planted = planted;
    }

    Client in(Client client) {
        return planted.apply(client);
    }
}
