package dev.coracle.controllers.garbage;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Informer;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Deletes objects all of whose owners are gone; does what the finalizers orphan and foregroundDeletion ask for. */
public final class GarbageCollector implements Controller {
    private static final String BY_OWNER = "owner-uid";
    private static final Map<String, GroupVersionResource> OWNERS = Map.of(
            "Deployment", Resources.DEPLOYMENTS,
            "ReplicaSet", Resources.REPLICA_SETS,
            "StatefulSet", Resources.STATEFUL_SETS,
            "DaemonSet", Resources.DAEMON_SETS,
            "Job", Resources.JOBS,
            "CronJob", Resources.CRON_JOBS,
            "Service", Resources.SERVICES,
            "Pod", Resources.PODS);
    private static final List<GroupVersionResource> WATCHED = List.of(
            Resources.DEPLOYMENTS,
            Resources.REPLICA_SETS,
            Resources.PODS,
            Resources.SERVICES,
            Resources.ENDPOINT_SLICES,
            Resources.CONFIG_MAPS,
            Resources.SECRETS);

    private record Item(GroupVersionResource resource, ObjectKey key) {}

    private final ControllerContext world;
    private final Map<GroupVersionResource, Informer> informers = new LinkedHashMap<>();
    private final KeyedWorkQueue<Item> queue;

    public GarbageCollector(ControllerContext world) {
        this.world = world;
        this.queue = new KeyedWorkQueue<>(world.environment(), "garbage", 2, this::reconcile);
        for (GroupVersionResource resource : WATCHED) {
            Informer informer = world.informers().of(resource);
            informers.put(resource, informer);
            informer.index(
                    BY_OWNER,
                    r -> r.ownerReferences().stream().map(OwnerReference::uid).toList());
        }
        informers.forEach((resource, informer) -> informer.handle((before, after) -> {
            if (after != null && (!after.ownerReferences().isEmpty() || after.isDeleting())) {
                queue.add(new Item(resource, after.key()));
            }
            if (after == null && before != null) {
                dependents(before.uid()).forEach(d -> queue.add(new Item(d.resource(), d.key())));
                before.ownerReferences().forEach(this::wakeOwner);
            }
        }));
    }

    private void wakeOwner(OwnerReference owner) {
        GroupVersionResource resource = OWNERS.get(owner.kind());
        Informer informer = resource == null ? null : informers.get(resource);
        if (informer != null) {
            informer.list().stream()
                    .filter(r -> r.uid().equals(owner.uid()) && r.isDeleting())
                    .forEach(r -> queue.add(new Item(r.resource(), r.key())));
        }
    }

    private List<Revision> dependents(String uid) {
        return informers.values().stream()
                .flatMap(i -> i.byIndex(BY_OWNER, uid).stream())
                .toList();
    }

    private Reconciler.Result reconcile(Item item) {
        Informer informer = informers.get(item.resource());
        Revision r = informer == null ? null : informer.get(item.key()).orElse(null);
        if (r == null) {
            return Reconciler.Result.DONE;
        }
        if (r.isDeleting()) {
            finalizers(r);
        } else if (!r.ownerReferences().isEmpty()
                && r.ownerReferences().stream().allMatch(o -> gone(o, r.namespace()))) {
            delete(r, "Background");
        }
        return Reconciler.Result.DONE;
    }

    private void finalizers(Revision r) {
        List<String> finalizers = r.object().finalizers();
        List<Revision> dependents = dependents(r.uid());
        if (finalizers.contains("orphan")) {
            for (Revision d : dependents) {
                Unstructured next = d.object().copy();
                List<Unstructured> owners = next.objects("metadata", "ownerReferences");
                owners.removeIf(o -> o.string("uid").equals(r.uid()));
                next.set(owners.isEmpty() ? null : owners, "metadata", "ownerReferences");
                world.client().update(d.resource(), next, WriteOptions.DEFAULT);
            }
            drop(r, "orphan");
        } else if (finalizers.contains("foregroundDeletion")) {
            for (Revision d : dependents) {
                if (!d.isDeleting()) {
                    delete(d, "Foreground");
                }
            }
            if (dependents.isEmpty()) {
                drop(r, "foregroundDeletion");
            }
        }
    }

    private void drop(Revision r, String finalizer) {
        Unstructured next = r.object().copy();
        List<String> rest = next.finalizers();
        rest.remove(finalizer);
        next.set(rest.isEmpty() ? null : rest, "metadata", "finalizers");
        world.client().update(r.resource(), next, WriteOptions.DEFAULT);
    }

    private void delete(Revision r, String propagation) {
        try {
            world.client()
                    .delete(
                            r.resource(),
                            r.namespace(),
                            r.name(),
                            DeleteOptions.of(r.uid()).propagation(propagation));
        } catch (StatusException e) {
            if (!e.isNotFound() && !e.isConflict()) {
                throw e;
            }
        }
    }

    /** Asks the server, not the copy: an owner that is only not yet seen must not cost its objects their life. */
    private boolean gone(OwnerReference owner, String namespace) {
        GroupVersionResource resource = OWNERS.get(owner.kind());
        if (resource == null) {
            return false;
        }
        try {
            return !world.client().get(resource, namespace, owner.name()).uid().equals(owner.uid());
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return true;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        queue.close();
    }
}
