package dev.coracle.controllers.resourceclaim;

import dev.coracle.client.Client;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes claims back from pods that have ended. The last one gives up the devices too, so that others get them; a claim that
 * was made for such a pod goes.
 */
public final class ClaimRelease implements Controller, Reconciler {
    /** On a claim that has devices: it stays until they are given up. */
    private static final String FINALIZER = "resource.kubernetes.io/delete-protection";

    private final Client client;
    private final Informer pods;
    private final Informer claims;
    private final Loop loop;

    public ClaimRelease(ControllerContext world) {
        this.client = world.client();
        this.loop = new Loop(world, "resource_claim_release", 1);
        this.claims = loop.reconciles(Resources.RESOURCE_CLAIMS);
        this.pods = loop.watches(Resources.PODS, ClaimRelease::ended);
        loop.start(this);
    }

    private static List<ObjectKey> ended(@Nullable Revision before, @Nullable Revision after) {
        Revision last = after == null ? before : after;
        if (last == null || after != null && !isDone(after.object())) {
            return List.of();
        }
        return PodClaim.of(last.object()).stream()
                .filter(c -> !c.claim().isEmpty())
                .map(c -> new ObjectKey(last.namespace(), c.claim()))
                .toList();
    }

    /** None of its containers runs, or ever will. */
    static boolean isDone(Unstructured pod) {
        return Pods.isTerminal(pod)
                || pod.isDeleting() && pod.string("spec", "nodeName").isEmpty();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured claim = claims.get(key).map(Revision::object).orElse(null);
        if (claim == null) {
            return Result.DONE;
        }
        List<Unstructured> reserved = claim.objects("status", "reservedFor");
        if (reserved.stream().anyMatch(r -> !isPod(r))) {
            return Result.DONE; // Whoever else has it gives it back.
        }
        List<Unstructured> left = reserved.stream()
                .filter(r -> uses(key.namespace(), r.string("name"), r.string("uid")))
                .toList();
        boolean idle = left.isEmpty();
        boolean held = claim.finalizers().contains(FINALIZER);
        Unstructured now = claim;
        if (left.size() < reserved.size() || idle && held && claim.isDeleting() && claim.has("status", "allocation")) {
            now = release(claim, left, held);
        }
        boolean released = idle && held && !now.has("status", "allocation");
        if (released && (claim.isDeleting() || !reserved.isEmpty())) {
            now = unprotect(now);
        }
        if (idle && !claim.isDeleting()) {
            deleteWithPod(now);
        }
        return Result.DONE;
    }

    private static boolean isPod(Unstructured consumer) {
        return consumer.string("apiGroup").isEmpty()
                && consumer.string("resource").equals("pods");
    }

    private boolean uses(String namespace, String name, String uid) {
        Optional<Unstructured> pod = pods.get(namespace, name).map(Revision::object);
        if (pod.isEmpty()) {
            // It may be too new for the copy.
            pod = Live.find(client, Resources.PODS, namespace, name).map(Revision::object);
        }
        return pod.filter(p -> p.uid().equals(uid) && !isDone(p)).isPresent();
    }

    /** Refused where anything has changed meanwhile: somebody may have reserved it. */
    private Unstructured release(Unstructured claim, List<Unstructured> left, boolean held) {
        Unstructured next = claim.copy();
        if (left.isEmpty()) {
            next.remove("status", "reservedFor");
            if (held) {
                next.remove("status", "allocation");
            }
        } else {
            List<Object> all = new ArrayList<>();
            left.forEach(r -> all.add(r.map()));
            next.set(all, "status", "reservedFor");
        }
        return client.update(Resources.RESOURCE_CLAIMS, next, WriteOptions.STATUS)
                .object();
    }

    private Unstructured unprotect(Unstructured claim) {
        Unstructured next = claim.copy();
        List<Object> finalizers = new ArrayList<>(next.finalizers());
        finalizers.remove(FINALIZER);
        next.set(finalizers.isEmpty() ? null : finalizers, "metadata", "finalizers");
        return client.update(Resources.RESOURCE_CLAIMS, next, WriteOptions.DEFAULT)
                .object();
    }

    /** The garbage collector does so when the pod goes, but a pod that has ended may stay for long. */
    private void deleteWithPod(Unstructured claim) {
        Optional<OwnerReference> owner =
                claim.controllerOf().filter(o -> o.kind().equals("Pod"));
        boolean done = owner.flatMap(o -> pods.get(claim.namespace(), o.name()))
                .map(Revision::object)
                .filter(p -> !p.uid().equals(owner.get().uid()) || isDone(p))
                .isPresent();
        if (done) {
            Live.delete(client, Resources.RESOURCE_CLAIMS, claim);
        }
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
