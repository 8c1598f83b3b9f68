package dev.coracle.controllers.volume;

import dev.coracle.client.Informer;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.List;

/** Holds a claim that is being deleted while a pod uses it, by a finalizer. Volumes are held by {@link ReclaimController}. */
public final class Protection implements Controller, Reconciler {
    static final String CLAIM = "kubernetes.io/pvc-protection";
    static final String VOLUME = "kubernetes.io/pv-protection";
    private static final String BY_CLAIM = "claim";

    private final ControllerContext world;
    private final Informer claims;
    private final Informer pods;
    private final KeyedWorkQueue<ObjectKey> queue;

    public Protection(ControllerContext world) {
        this.world = world;
        this.claims = world.informers().of(Resources.PERSISTENT_VOLUME_CLAIMS);
        this.pods = world.informers().of(Resources.PODS);
        this.queue = new KeyedWorkQueue<>(world.environment(), "pvcprotection", 1, this::reconcile);
        pods.index(BY_CLAIM, r -> claimsOf(r).stream().map(ObjectKey::toString).toList());
        claims.handle((before, after) -> {
            if (after != null) {
                queue.add(after.key());
            }
        });
        pods.handle((before, after) -> {
            if (before != null && (after == null || isOver(after))) {
                claimsOf(before).forEach(queue::add);
            }
        });
    }

    private static List<ObjectKey> claimsOf(Revision pod) {
        return pod.object().objects("spec", "volumes").stream()
                .filter(v -> v.has("persistentVolumeClaim") || v.has("ephemeral"))
                .map(v -> v.has("ephemeral")
                        ? pod.name() + "-" + v.string("name")
                        : v.string("persistentVolumeClaim", "claimName"))
                .map(name -> new ObjectKey(pod.namespace(), name))
                .toList();
    }

    private static boolean isOver(Revision pod) {
        String phase = pod.object().string("status", "phase");
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision claim = claims.get(key).orElse(null);
        if (claim == null) {
            return Result.DONE;
        }
        if (!pods.synced()) {
            return Result.after(Duration.ofMillis(100));
        }
        boolean has = claim.object().finalizers().contains(CLAIM);
        Unstructured next = claim.object().copy();
        if (!claim.isDeleting() && !has) {
            next.add(CLAIM, "metadata", "finalizers");
        } else if (claim.isDeleting()
                && has
                && pods.byIndex(BY_CLAIM, key.toString()).stream().allMatch(Protection::isOver)) {
            drop(next, CLAIM);
        } else {
            return Result.DONE;
        }
        world.client().update(Resources.PERSISTENT_VOLUME_CLAIMS, next, WriteOptions.DEFAULT);
        return Result.DONE;
    }

    static void drop(Unstructured object, String finalizer) {
        List<String> rest = object.finalizers();
        rest.remove(finalizer);
        object.set(rest.isEmpty() ? null : rest, "metadata", "finalizers");
    }

    @Override
    public WorkQueue<?> queue() {
        return queue;
    }
}
