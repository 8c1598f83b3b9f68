package dev.coracle.controllers.statefulset;

import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Claims;
import dev.coracle.controllers.kit.FailedPods;
import dev.coracle.controllers.kit.History;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.controllers.kit.SlowStart;
import dev.coracle.controllers.kit.StatusPatch;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** StatefulSets: what {@link Plan} decides {@link StatefulPods} does, and {@link SetStatus} tells. */
public final class StatefulSetController implements Controller, Reconciler {
    private final ControllerContext world;
    private final EventRecorder events;
    private final Informer sets;
    private final Informer persistent;
    private final Claims claims;
    private final History history;
    private final StatusPatch statuses;
    private final FailedPods backoff = new FailedPods();
    private final Loop loop;

    public StatefulSetController(ControllerContext world, EventRecorder events) {
        this.world = world;
        this.events = events;
        this.loop = new Loop(world, "statefulset", 2);
        this.sets = loop.reconciles(Resources.STATEFUL_SETS);
        Informer pods = loop.owns(Resources.PODS, "StatefulSet", StatefulSetController::counted);
        this.persistent = loop.watches(
                Resources.PERSISTENT_VOLUME_CLAIMS, (before, after) -> after == null ? waiting(before) : List.of());
        Informer revisions = loop.owns(Resources.CONTROLLER_REVISIONS, "StatefulSet", Unstructured::labels);
        this.claims =
                new Claims(world.client(), Resources.STATEFUL_SETS, pods, Claims::labelSelector, Identity::isMember);
        this.history = new History(world.client(), Resources.STATEFUL_SETS, revisions);
        this.statuses = new StatusPatch(world.client(), Resources.STATEFUL_SETS);
        loop.adopts(claims);
        loop.adopts(history.claims());
        loop.start(this);
    }

    /** What of a pod is looked at. */
    private static List<Object> counted(Unstructured pod) {
        return List.of(
                pod.labels(),
                pod.isDeleting(),
                pod.string("status", "phase"),
                pod.objects("status", "conditions").stream()
                        .filter(c -> c.string("type").equals("Ready"))
                        .toList());
    }

    /** Sets of which a pod may wait for that claim to be gone. */
    private List<ObjectKey> waiting(@Nullable Revision claim) {
        return claim == null
                ? List.of()
                : sets.list(claim.namespace()).stream()
                        .filter(s -> Storage.isClaimOf(s.object(), claim.name()))
                        .map(Revision::key)
                        .toList();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured set = sets.get(key).map(Revision::object).orElse(null);
        if (set == null) {
            return Result.DONE;
        }
        Instant now = world.environment().clock().now();
        List<Unstructured> pods = claims.of(set);
        List<Replica> present = pods.stream()
                .filter(p -> Identity.isMember(set, p))
                .map(p -> Replica.of(set, p, now))
                .toList();
        if (set.isDeleting()) {
            statuses.write(set, leaving(set, present));
            return Result.DONE;
        }
        List<Unstructured> revisions = history.of(set);
        History.Current wanted = history.current(set, revisions, History.HASH);
        Unstructured update = wanted.revision();
        Unstructured current = revisions.stream()
                .filter(r -> r.name().equals(set.string("status", "currentRevision")))
                .findFirst()
                .orElse(update);

        Plan.Rules rules = Plan.Rules.of(set);
        Plan plan = Plan.of(rules, present, current.name(), update.name());
        StatefulPods hands = new StatefulPods(
                world.client(),
                events,
                persistent,
                set,
                rules,
                revision ->
                        revision.equals(update.name()) ? set.object("spec", "template") : History.template(current));
        StatusException failure = take(
                plan,
                step -> held(set, step, now).isZero(),
                step -> {
                    hands.take(step);
                    if (replaces(set, step)) {
                        backoff.failed(backoffKey(set, ((Step.Delete) step).pod()), now);
                    }
                },
                rules.ordered());
        long leaving = failure != null
                ? 0
                : plan.steps().stream()
                        .filter(s -> s instanceof Step.Delete d
                                && d.update()
                                && current.name().equals(d.pod().labels().get(Identity.REVISION)))
                        .count();
        SetStatus status = new SetStatus(set, present, current.name(), update.name(), wanted.collisions(), leaving);
        statuses.write(set, status.toObject());
        if (failure != null) {
            throw failure;
        }
        Set<String> used = new HashSet<>(List.of(current.name(), update.name()));
        present.forEach(r -> used.add(r.revision()));
        history.truncate(revisions, r -> used.contains(r.name()), set.integer(10, "spec", "revisionHistoryLimit"));
        return Stream.concat(
                        untilAvailable(set, pods, now),
                        plan.steps().stream().map(step -> held(set, step, now)).filter(d -> !d.isZero()))
                .min(Duration::compareTo)
                .map(Result::after)
                .orElse(Result.DONE);
    }

    /** Whether a pod that ended goes for another of the same kind to take its place. */
    private static boolean replaces(Unstructured set, Step step) {
        return step instanceof Step.Delete d
                && !d.update()
                && Pods.isTerminal(d.pod())
                && Plan.Rules.of(set).covers(Identity.ordinal(set, d.pod()));
    }

    private static FailedPods.Key backoffKey(Unstructured set, Unstructured pod) {
        return new FailedPods.Key(set.uid(), set.generation(), pod.name());
    }

    /** How long a step must wait still. */
    private Duration held(Unstructured set, Step step, Instant now) {
        return replaces(set, step)
                ? backoff.remaining(backoffKey(set, ((Step.Delete) step).pod()), now)
                : Duration.ZERO;
    }

    /** Of a set that is going only the counts change: its revisions may be gone already. */
    private static Unstructured leaving(Unstructured set, List<Replica> present) {
        return new SetStatus(
                        set,
                        present,
                        set.string("status", "currentRevision"),
                        set.string("status", "updateRevision"),
                        set.integer(0, "status", "collisionCount"),
                        0)
                .toObject();
    }

    /** The refusal that stopped it, if one did. */
    private @Nullable StatusException take(Plan plan, Predicate<Step> due, Consumer<Step> hands, boolean ordered) {
        for (List<Step> all : plan.phases()) {
            List<Step> phase = all.stream().filter(due).toList();
            if (!ordered) {
                StatusException failure = SlowStart.run(
                                world.environment().tasks(), phase.size(), i -> hands.accept(phase.get(i)))
                        .failure();
                if (failure != null) {
                    return failure;
                }
                continue;
            }
            try {
                phase.forEach(hands);
            } catch (StatusException e) {
                return e;
            }
        }
        return null;
    }

    private static Stream<Duration> untilAvailable(Unstructured set, List<Unstructured> pods, Instant now) {
        long minReady = set.integer(0, "spec", "minReadySeconds");
        return pods.stream()
                .filter(p -> Pods.isReady(p) && !Pods.isAvailable(p, minReady, now))
                .map(p -> Pods.untilAvailable(p, minReady, now));
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
