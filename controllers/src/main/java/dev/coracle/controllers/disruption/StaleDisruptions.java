package dev.coracle.controllers.disruption;

import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.controllers.kit.StatusPatch;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Takes back, after a while, that a pod is about to go ({@code DisruptionTarget}) when nobody deletes it. */
public final class StaleDisruptions implements Controller, Reconciler {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String CONDITION = "DisruptionTarget";

    private final ControllerContext world;
    private final Informer pods;
    private final StatusPatch statuses;
    private final Loop loop;

    public StaleDisruptions(ControllerContext world) {
        this.world = world;
        this.loop = new Loop(world, "stale_pod_disruption", 1);
        this.pods = loop.watches(
                Resources.PODS,
                (before, after) -> after != null && due(after.object()).isPresent() ? List.of(after.key()) : List.of());
        this.statuses = new StatusPatch(world.client(), Resources.PODS);
        loop.start(this);
    }

    /** When it is taken back; what the kubelet says of a pod stays, and so does all that is said of one that ended. */
    private static Optional<Instant> due(Unstructured pod) {
        return Conditions.find(pod, CONDITION)
                .filter(c -> !pod.isDeleting()
                        && !Pods.isTerminal(pod)
                        && c.string("status").equals("True")
                        && !c.string("reason").equals("TerminationByKubelet"))
                .flatMap(c -> c.time("lastTransitionTime"))
                .map(t -> t.plus(PATIENCE));
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured pod = pods.get(key).map(Revision::object).orElse(null);
        Optional<Instant> due = pod == null ? Optional.empty() : due(pod);
        if (pod == null || due.isEmpty()) {
            return Result.DONE;
        }
        Instant now = world.environment().clock().now();
        if (due.get().isAfter(now)) {
            return Result.after(Duration.between(now, due.get()));
        }
        List<Unstructured> conditions = Conditions.of(pod);
        Conditions.set(conditions, CONDITION, "False", "", "", now);
        statuses.writeUnchanged(pod, pod.copy().object("status").copy().set(conditions, "conditions"));
        return Result.DONE;
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
