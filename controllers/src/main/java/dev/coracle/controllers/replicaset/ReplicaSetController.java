package dev.coracle.controllers.replicaset;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.Owned;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * As many active pods as {@code spec.replicas}. What was created or deleted and is not yet seen in the informer is
 * expected (by name), so that a stale copy never leads to one pod too many.
 */
public final class ReplicaSetController implements Controller, Reconciler {
    /** At most so many pods are created or deleted at once. */
    private static final int BURST = 500;

    private final ControllerContext world;
    private final EventRecorder events;
    private final Informer sets;
    private final Informer pods;
    private final KeyedWorkQueue<ObjectKey> queue;
    private final Map<ObjectKey, Set<String>> expectedAdds = new ConcurrentHashMap<>();
    private final Map<ObjectKey, Set<String>> expectedDeletes = new ConcurrentHashMap<>();

    public ReplicaSetController(ControllerContext world, EventRecorder events) {
        this.world = world;
        this.events = events;
        this.sets = world.informers().of(Resources.REPLICA_SETS);
        this.pods = world.informers().of(Resources.PODS);
        this.queue = new KeyedWorkQueue<>(world.environment(), "replicaset", 4, this::reconcile);
        Owned.index(pods);
        sets.handle(
                (before, after) -> queue.add((after != null ? after : java.util.Objects.requireNonNull(before)).key()));
        Owned.wake(pods, "ReplicaSet", queue::add);
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision set = sets.get(key).orElse(null);
        if (set == null || !pods.synced()) {
            expectedAdds.remove(key);
            expectedDeletes.remove(key);
            return set == null ? Result.DONE : Result.after(Duration.ofMillis(100));
        }
        List<Revision> owned = Owned.of(pods, set.uid());
        List<Unstructured> active = owned.stream()
                .map(Revision::object)
                .filter(Owned::isActive)
                .sorted(VICTIMS_FIRST)
                .toList();
        if (settled(key, owned) && !set.isDeleting()) {
            int missing = (int) set.object().integer(1, "spec", "replicas") - active.size();
            if (missing > 0) {
                create(set, Math.min(missing, BURST));
            } else if (missing < 0) {
                delete(set, active.subList(0, Math.min(-missing, BURST)));
            }
        }
        return status(set, active);
    }

    private boolean settled(ObjectKey key, List<Revision> owned) {
        Set<String> names = new HashSet<>();
        Set<String> live = new HashSet<>();
        for (Revision r : owned) {
            names.add(r.name());
            if (!r.isDeleting()) {
                live.add(r.name());
            }
        }
        // Set.of() would refuse removeIf even where there is nothing to remove.
        Set<String> adds = expectedAdds.getOrDefault(key, new HashSet<>());
        Set<String> deletes = expectedDeletes.getOrDefault(key, new HashSet<>());
        adds.removeIf(n -> names.contains(n) || gone(key.namespace(), n));
        deletes.removeIf(n -> !live.contains(n));
        return adds.isEmpty() && deletes.isEmpty();
    }

    /** Not in the copy: either the copy is behind, or the pod was deleted before it was ever seen. */
    private boolean gone(String namespace, String name) {
        try {
            world.client().get(Resources.PODS, namespace, name);
            return false;
        } catch (StatusException e) {
            return e.isNotFound();
        }
    }

    private void create(Revision set, int count) {
        Unstructured template = set.object().object("spec", "template");
        Set<String> expected = expectedAdds.computeIfAbsent(set.key(), k -> ConcurrentHashMap.newKeySet());
        for (int i = 0; i < count; i++) {
            Unstructured pod = template.copy().set("v1", "apiVersion").set("Pod", "kind");
            pod.set(set.name() + "-", "metadata", "generateName");
            pod.set(null, "metadata", "creationTimestamp");
            pod.addOwner(Owned.reference(set.object()));
            try {
                Revision made = world.client()
                        .create(
                                Resources.PODS,
                                set.namespace(),
                                pod,
                                WriteOptions.DEFAULT.as("kube-controller-manager"));
                expected.add(made.name());
                events.normal(set.object(), "SuccessfulCreate", "Created pod: " + made.name());
            } catch (StatusException e) {
                events.warning(set.object(), "FailedCreate", "Error creating: " + e.getMessage());
                throw e;
            }
        }
    }

    private void delete(Revision set, List<Unstructured> victims) {
        Set<String> expected = expectedDeletes.computeIfAbsent(set.key(), k -> ConcurrentHashMap.newKeySet());
        for (Unstructured pod : victims) {
            expected.add(pod.name());
            try {
                world.client().delete(Resources.PODS, pod.namespace(), pod.name(), DeleteOptions.of(pod.uid()));
                events.normal(set.object(), "SuccessfulDelete", "Deleted pod: " + pod.name());
            } catch (StatusException e) {
                expected.remove(pod.name());
                if (!e.isNotFound()) {
                    throw e;
                }
            }
        }
    }

    /** Unassigned before assigned, pending before running, not ready before ready, cheap before dear, young before old. */
    static final Comparator<Unstructured> VICTIMS_FIRST = Comparator.<Unstructured, Boolean>comparing(
                    p -> !p.string("spec", "nodeName").isEmpty())
            .thenComparing(p -> p.string("status", "phase").equals("Running"))
            .thenComparing(Owned::isReady)
            .thenComparing(p -> cost(p))
            .thenComparing(p -> p.string("metadata", "creationTimestamp"), Comparator.reverseOrder())
            .thenComparing(Unstructured::name);

    private static long cost(Unstructured pod) {
        try {
            return Long.parseLong(pod.annotations().getOrDefault("controller.kubernetes.io/pod-deletion-cost", "0"));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private Result status(Revision set, List<Unstructured> active) {
        long minReady = set.object().integer(0, "spec", "minReadySeconds");
        var now = world.environment().clock().now();
        Map<String, String> labels = set.object().strings("spec", "template", "metadata", "labels");
        Unstructured status = new Unstructured(new LinkedHashMap<>());
        status.set(active.size(), "replicas");
        status.set(
                active.stream()
                        .filter(p -> p.labels().entrySet().containsAll(labels.entrySet()))
                        .count(),
                "fullyLabeledReplicas");
        long ready = active.stream().filter(Owned::isReady).count();
        long available =
                active.stream().filter(p -> Owned.isAvailable(p, minReady, now)).count();
        status.set(ready, "readyReplicas");
        status.set(available, "availableReplicas");
        status.set(set.object().generation(), "observedGeneration");
        if (!status.map().equals(set.object().object("status").map())) {
            world.client()
                    .patch(
                            Resources.REPLICA_SETS,
                            set.namespace(),
                            set.name(),
                            Patch.merge(new Unstructured(new LinkedHashMap<>()).set(status, "status")),
                            WriteOptions.STATUS);
        }
        return ready > available ? Result.after(Duration.ofSeconds(Math.max(1, minReady))) : Result.DONE;
    }

    @Override
    public void close() {
        queue.close();
    }
}
