package dev.coracle.controllers.volume;

import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** Holds a claim that is being deleted while a pod on a node uses it, by a finalizer. Volumes are held by {@link ReclaimController}. */
public final class Protection implements Controller, Reconciler {
    static final String CLAIM = "kubernetes.io/pvc-protection";
    static final String VOLUME = "kubernetes.io/pv-protection";
    private static final String BY_CLAIM = "claim";

    private final ControllerContext world;
    private final Informer claims;
    private final Informer pods;
    private final Loop loop;

    public Protection(ControllerContext world) {
        this.world = world;
        this.loop = new Loop(world, "pvcprotection", 1);
        this.claims = loop.reconciles(Resources.PERSISTENT_VOLUME_CLAIMS);
        this.pods = loop.watches(
                Resources.PODS,
                (before, after) -> before != null && (after == null || letsGo(after)) ? claimsOf(before) : List.of());
        pods.index(BY_CLAIM, r -> claimsOf(r).stream().map(ObjectKey::toString).toList());
        loop.start(this);
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

    /** One that has ended, or has no node yet: a kubelet starts none whose claim is being deleted. */
    private static boolean letsGo(Revision pod) {
        return Pods.isTerminal(pod.object())
                || pod.object().string("spec", "nodeName").isEmpty();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision claim = claims.get(key).orElse(null);
        if (claim == null) {
            return Result.DONE;
        }
        boolean has = claim.object().finalizers().contains(CLAIM);
        Unstructured next = claim.object().copy();
        if (!claim.isDeleting() && !has) {
            next.add(CLAIM, "metadata", "finalizers");
        } else if (claim.isDeleting()
                && has
                && pods.byIndex(BY_CLAIM, key.toString()).stream().allMatch(Protection::letsGo)) {
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
        return loop.queue();
    }
}
