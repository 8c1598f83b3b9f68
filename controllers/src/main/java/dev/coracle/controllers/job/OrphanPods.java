package dev.coracle.controllers.job;

import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.Owned;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Removes the finalizer from pods that nobody will count: their Job is gone, or was finished without them. */
public final class OrphanPods implements Controller, Reconciler {
    private final ControllerContext world;
    private final Informer jobs;
    private final Informer pods;
    private final Loop loop;

    public OrphanPods(ControllerContext world) {
        this.world = world;
        this.loop = new Loop(world, "job_orphan_pod", 1);
        this.pods = loop.watches(
                Resources.PODS,
                (before, after) -> after != null && JobPods.isTracked(after.object()) && mayBeLeft(after)
                        ? List.of(after.key())
                        : List.of());
        this.jobs = loop.watches(Resources.JOBS, this::leftBy);
        Owned.index(pods);
        loop.start(this);
    }

    /** While its Job is there, that takes care of it; what it leaves is heard of by {@link #leftBy}. */
    private boolean mayBeLeft(Revision pod) {
        return pod.object()
                .controllerOf()
                .flatMap(o -> job(pod.namespace(), o))
                .filter(j -> !JobController.isFinished(j.object()))
                .isEmpty();
    }

    private Optional<Revision> job(String namespace, OwnerReference owner) {
        return jobs.get(namespace, owner.name()).filter(j -> j.uid().equals(owner.uid()));
    }

    private List<ObjectKey> leftBy(@Nullable Revision before, @Nullable Revision after) {
        if (after != null && !JobController.isFinished(after.object())) {
            return List.of();
        }
        String uid = (after != null ? after : Objects.requireNonNull(before)).uid();
        return Owned.of(pods, uid).stream()
                .filter(p -> JobPods.isTracked(p.object()))
                .map(Revision::key)
                .toList();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured pod = pods.get(key).map(Revision::object).orElse(null);
        if (pod != null && JobPods.isTracked(pod) && isLeft(pod)) {
            JobController.release(world.client(), pod);
        }
        return Result.DONE;
    }

    private boolean isLeft(Unstructured pod) {
        OwnerReference owner = pod.controllerOf().orElse(null);
        if (owner == null) {
            return true;
        }
        if (!owner.kind().equals("Job") || !owner.apiVersion().equals("batch/v1")) {
            return false;
        }
        // The copy may not have the Job yet.
        return job(pod.namespace(), owner)
                .or(() -> Live.find(world.client(), Resources.JOBS, pod.namespace(), owner.name())
                        .filter(j -> j.uid().equals(owner.uid())))
                .map(j -> JobController.isManaged(j.object()) && JobController.isFinished(j.object()))
                .orElse(true);
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
