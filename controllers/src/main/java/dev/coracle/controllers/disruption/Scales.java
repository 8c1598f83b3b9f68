package dev.coracle.controllers.disruption;

import dev.coracle.client.ApiResource;
import dev.coracle.client.Client;
import dev.coracle.client.Informer;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.Map;
import java.util.Optional;

/** How many pods a controller wants: the known ones are read from copies, others asked for their scale. */
final class Scales {
    /** @param uid of who decides, a Deployment where a ReplicaSet is one's */
    record Wanted(String uid, long replicas) {}

    private final Client client;
    private final Map<String, Informer> known;

    Scales(Client client, Loop loop) {
        this.client = client;
        this.known = Map.of(
                "ReplicaSet", loop.reads(Resources.REPLICA_SETS),
                "Deployment", loop.reads(Resources.DEPLOYMENTS),
                "StatefulSet", loop.reads(Resources.STATEFUL_SETS),
                "ReplicationController", loop.reads(Resources.REPLICATION_CONTROLLERS));
    }

    /** Empty where the controller is gone, is another of its name, or has no scale. */
    Optional<Wanted> of(String namespace, OwnerReference owner) {
        Informer informer = known.get(owner.kind());
        if (informer == null) {
            return asked(namespace, owner);
        }
        Optional<Unstructured> found = informer.get(namespace, owner.name())
                .map(Revision::object)
                .filter(o -> o.uid().equals(owner.uid()));
        return found.flatMap(Unstructured::controllerOf)
                .filter(o -> o.kind().equals("Deployment"))
                .flatMap(o -> of(namespace, o))
                .or(() -> found.map(o -> new Wanted(o.uid(), o.integer(1, "spec", "replicas"))));
    }

    private Optional<Wanted> asked(String namespace, OwnerReference owner) {
        GroupVersionKind kind = GroupVersionKind.of(owner.apiVersion(), owner.kind());
        Optional<GroupVersionResource> resource = client.resources().stream()
                .filter(r ->
                        r.kind().equals(kind.kind()) && r.resource().group().equals(kind.group()) && r.namespaced())
                .map(ApiResource::resource)
                .findFirst();
        try {
            return resource.map(r -> client.scale(r, namespace, owner.name()))
                    .filter(s -> s.uid().equals(owner.uid()))
                    .map(s -> new Wanted(s.uid(), s.integer(0, "spec", "replicas")));
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
