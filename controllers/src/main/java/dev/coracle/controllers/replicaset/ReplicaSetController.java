package dev.coracle.controllers.replicaset;

import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Claims;
import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Expectations;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.Owned;
import dev.coracle.controllers.kit.PodControl;
import dev.coracle.controllers.kit.PodControl.Failure;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.controllers.kit.StatusPatch;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** As many active pods as {@code spec.replicas}; {@link Expectations} keep a stale copy from making too many. */
public final class ReplicaSetController implements Controller, Reconciler {
    /** At most so many pods are created or deleted at once. */
    private static final int BURST = 500;

    private final Family family;
    private final ControllerContext world;
    private final Informer sets;
    private final Informer pods;
    private final Claims claims;
    private final PodControl control;
    private final StatusPatch statuses;
    private final Loop loop;

    /** Of ReplicaSets. */
    public ReplicaSetController(ControllerContext world, EventRecorder events) {
        this(Family.REPLICA_SETS, world, events);
    }

    public ReplicaSetController(Family family, ControllerContext world, EventRecorder events) {
        this.family = family;
        this.world = world;
        this.loop = new Loop(world, family.kind().toLowerCase(Locale.ROOT), 4);
        this.sets = loop.reconciles(family.resource());
        this.pods = loop.owns(Resources.PODS, family.kind(), ReplicaSetController::counted);
        this.claims = new Claims(world.client(), family.resource(), pods, family.selector());
        this.control = new PodControl(world, events, pods);
        this.statuses = new StatusPatch(world.client(), family.resource());
        Owned.index(sets);
        control.forgets(sets);
        loop.adopts(claims);
        loop.start(this);
    }

    /** What of a pod the status counts, or may part it from its set. A look at a large set is too dear for less. */
    static List<Object> counted(Unstructured pod) {
        return List.of(
                pod.labels(),
                pod.ownerReferences(),
                pod.isDeleting(),
                pod.string("status", "phase"),
                pod.objects("status", "conditions").stream()
                        .filter(c -> c.string("type").equals("Ready"))
                        .toList());
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision set = sets.get(key).orElse(null);
        if (set == null) {
            return Result.DONE;
        }
        Instant now = world.environment().clock().now();
        boolean settled = control.isSettled(key);
        List<Unstructured> owned = claims.of(set.object());
        List<Unstructured> active = owned.stream().filter(Pods::isActive).toList();
        Failure failure = null;
        if (settled && !set.isDeleting()) {
            int missing = (int) set.object().integer(1, "spec", "replicas") - active.size();
            if (missing > 0) {
                Unstructured template = set.object().object("spec", "template");
                failure = control.create(
                        set.object(), Math.min(missing, BURST), i -> PodControl.pod(set.object(), template));
            } else if (missing < 0) {
                List<Unstructured> victims = Victims.order(active, related(set, active));
                failure = control.delete(set.object(), victims.subList(0, Math.min(-missing, BURST)));
            }
        }
        Duration again = status(set, owned, active, failure, now);
        if (failure != null) {
            throw failure.cause();
        }
        if (!settled && (again == null || again.compareTo(Expectations.LONG) > 0)) {
            return Result.after(Expectations.LONG);
        }
        return again == null ? Result.DONE : Result.after(again);
    }

    /** Active pods of all sets of the same Deployment. */
    private List<Unstructured> related(Revision set, List<Unstructured> own) {
        return set.object()
                .controllerOf()
                .map(o -> Owned.of(sets, o.uid()).stream()
                        .flatMap(s -> Owned.of(pods, s.uid()).stream())
                        .map(Revision::object)
                        .filter(Pods::isActive)
                        .toList())
                .orElse(own);
    }

    /** Writes the status; says when a ready pod will have been so for long enough. */
    private @Nullable Duration status(
            Revision set, List<Unstructured> owned, List<Unstructured> active, @Nullable Failure failure, Instant now) {
        long minReady = set.object().integer(0, "spec", "minReadySeconds");
        var labels =
                set.object().strings("spec", "template", "metadata", "labels").entrySet();
        int labelled = 0;
        int ready = 0;
        int available = 0;
        Duration soonest = null;
        for (Unstructured pod : active) {
            labelled += pod.labels().entrySet().containsAll(labels) ? 1 : 0;
            if (!Pods.isReady(pod)) {
                continue;
            }
            ready++;
            if (Pods.isAvailable(pod, minReady, now)) {
                available++;
            } else {
                Duration left = Pods.untilAvailable(pod, minReady, now);
                soonest = soonest == null || left.compareTo(soonest) < 0 ? left : soonest;
            }
        }
        Unstructured status = new Unstructured(new LinkedHashMap<>());
        status.set(active.size(), "replicas");
        count(status, "fullyLabeledReplicas", labelled);
        count(status, "readyReplicas", ready);
        count(status, "availableReplicas", available);
        if (family.countsTerminating()) {
            status.set(
                    owned.size() == active.size()
                            ? 0
                            : owned.stream()
                                    .filter(p -> p.isDeleting() && !Pods.isTerminal(p))
                                    .count(),
                    "terminatingReplicas");
        }
        status.set(set.object().generation(), "observedGeneration");
        List<Unstructured> conditions = conditions(set.object(), failure, now);
        status.set(conditions.isEmpty() ? null : conditions, "conditions");
        statuses.write(set.object(), status);
        return soonest;
    }

    private static void count(Unstructured status, String field, long n) {
        if (n != 0) {
            status.set(n, field);
        }
    }

    /** A failure that is told already stays as it was told first. */
    private static List<Unstructured> conditions(Unstructured set, @Nullable Failure failure, Instant now) {
        List<Unstructured> conditions = Conditions.of(set);
        if (failure == null) {
            conditions.removeIf(c -> c.string("type").equals("ReplicaFailure"));
        } else if (Conditions.find(conditions, "ReplicaFailure").isEmpty()) {
            String message = String.valueOf(failure.cause().getMessage());
            Conditions.set(conditions, "ReplicaFailure", "True", failure.reason(), message, now);
        }
        return conditions;
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
