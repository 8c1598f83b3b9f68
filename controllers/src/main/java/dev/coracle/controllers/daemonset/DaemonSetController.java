package dev.coracle.controllers.daemonset;

import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.daemonset.Changes.Deletion;
import dev.coracle.controllers.kit.Claims;
import dev.coracle.controllers.kit.Expectations;
import dev.coracle.controllers.kit.FailedPods;
import dev.coracle.controllers.kit.History;
import dev.coracle.controllers.kit.Loop;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** DaemonSets: what {@link Roster} decides is done, and {@link DaemonStatus} told. */
public final class DaemonSetController implements Controller, Reconciler {
    /** At most so many pods are created or deleted at once. */
    private static final int BURST = 250;

    private final ControllerContext world;
    private final EventRecorder events;
    private final Informer sets;
    private final Informer nodes;
    private final Claims claims;
    private final History history;
    private final PodControl control;
    private final StatusPatch statuses;
    private final FailedPods backoff = new FailedPods();
    private final Loop loop;

    public DaemonSetController(ControllerContext world, EventRecorder events) {
        this.world = world;
        this.events = events;
        this.loop = new Loop(world, "daemonset", 2);
        this.sets = loop.reconciles(Resources.DAEMON_SETS);
        this.nodes = loop.watches(Resources.NODES, this::concerned);
        Informer pods = loop.owns(Resources.PODS, "DaemonSet", DaemonSetController::counted);
        Informer revisions = loop.owns(Resources.CONTROLLER_REVISIONS, "DaemonSet", Unstructured::labels);
        this.claims = new Claims(world.client(), Resources.DAEMON_SETS, pods);
        this.history = new History(world.client(), Resources.DAEMON_SETS, revisions);
        this.control = new PodControl(world, events, pods);
        this.statuses = new StatusPatch(world.client(), Resources.DAEMON_SETS);
        control.forgets(sets);
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
                pod.string("spec", "nodeName"),
                pod.objects("status", "conditions").stream()
                        .filter(c -> c.string("type").equals("Ready"))
                        .toList());
    }

    /** The sets for which the node became fit or unfit. A node's heartbeats are many, and change neither. */
    private List<ObjectKey> concerned(@Nullable Revision before, @Nullable Revision after) {
        if (before != null
                && after != null
                && before.labels().equals(after.labels())
                && before.object()
                        .objects("spec", "taints")
                        .equals(after.object().objects("spec", "taints"))) {
            return List.of();
        }
        return sets.list().stream()
                .filter(s -> {
                    Unstructured spec = Template.spec(s.object());
                    return !fit(spec, before).equals(fit(spec, after));
                })
                .map(Revision::key)
                .toList();
    }

    private static NodeFit fit(Unstructured spec, @Nullable Revision node) {
        return node == null ? NodeFit.NONE : NodeFit.of(spec, node.object());
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured set = sets.get(key).map(Revision::object).orElse(null);
        if (set == null || set.isDeleting()) {
            // Of one that is going the revisions may be gone already: nothing can be told of it.
            return Result.DONE;
        }
        Instant now = world.environment().clock().now();
        List<Unstructured> revisions = history.of(set);
        History.Current current = history.current(set, revisions, Template.HASH);
        String hash = current.revision().labels().getOrDefault(Template.HASH, "");
        boolean settled = control.isSettled(key);
        List<Unstructured> pods = claims.of(set);
        Unstructured spec = Template.spec(set);
        Roster roster = roster(set, spec, hash, pods, now);
        Failure failure = null;
        if (settled) {
            Changes changes = roster.tidy(node -> !held(set, node, now).isZero());
            failure = apply(set, spec, hash, changes.isEmpty() ? roster.roll() : changes, now);
            Set<String> used = pods.stream()
                    .map(p -> p.labels().getOrDefault(Template.HASH, ""))
                    .collect(Collectors.toSet());
            used.add(hash);
            history.truncate(
                    revisions,
                    r -> used.contains(r.labels().getOrDefault(Template.HASH, "")),
                    set.integer(10, "spec", "revisionHistoryLimit"));
        }
        long observed = settled ? set.generation() : set.integer(0, "status", "observedGeneration");
        statuses.write(set, new DaemonStatus(set, roster, observed, current.collisions()).toObject());
        if (failure != null) {
            throw failure.cause();
        }
        return again(set, roster, pods, settled, now);
    }

    private Roster roster(Unstructured set, Unstructured spec, String hash, List<Unstructured> pods, Instant now) {
        long minReady = set.integer(0, "spec", "minReadySeconds");
        Map<String, List<Daemon>> daemons = new TreeMap<>();
        for (Unstructured pod : pods) {
            if (!(Pods.isTerminal(pod) && pod.isDeleting())) {
                Template.node(pod)
                        .ifPresent(node -> daemons.computeIfAbsent(node, n -> new ArrayList<>())
                                .add(Daemon.of(pod, hash, minReady, now)));
            }
        }
        daemons.values().forEach(d -> d.sort(Daemon.ORDER));
        Map<String, Place> places = new TreeMap<>();
        for (Revision node : nodes.list()) {
            List<Daemon> there = daemons.getOrDefault(node.name(), List.of());
            places.put(node.name(), new Place(node.name(), true, NodeFit.of(spec, node.object()), there));
        }
        daemons.forEach((node, there) -> places.computeIfAbsent(node, n -> new Place(n, false, NodeFit.NONE, there)));
        return new Roster(List.copyOf(places.values()), Roster.Rules.of(set));
    }

    private static FailedPods.Key backoffKey(Unstructured set, String node) {
        return new FailedPods.Key(set.uid(), set.integer(0, "status", "observedGeneration"), node);
    }

    private Duration held(Unstructured set, String node, Instant now) {
        return backoff.remaining(backoffKey(set, node), now);
    }

    private @Nullable Failure apply(Unstructured set, Unstructured spec, String hash, Changes changes, Instant now) {
        List<Deletion> deletions = changes.deletions().stream().limit(BURST).toList();
        for (Deletion d : deletions) {
            String pod = d.daemon().pod().namespace() + "/" + d.daemon().pod().name() + " on node " + d.node();
            if (d.why() == Changes.Why.FAILED) {
                backoff.failed(backoffKey(set, d.node()), now);
                events.warning(set, "FailedDaemonPod", "Found failed daemon pod " + pod + ", will try to kill it");
            } else if (d.why() == Changes.Why.SUCCEEDED) {
                String found = "Found succeeded daemon pod " + pod + ", will try to delete it";
                events.normal(set, "SucceededDaemonPod", found);
            }
        }
        List<String> places = changes.nodes();
        Failure failure =
                control.create(set, Math.min(places.size(), BURST), i -> Template.pod(set, spec, hash, places.get(i)));
        Failure undeleted = control.delete(
                set, deletions.stream().map(d -> d.daemon().pod()).toList());
        return failure != null ? failure : undeleted;
    }

    /** When something is due though nothing changes: a pod available, a failed one deleted, an expectation given up. */
    private Result again(Unstructured set, Roster roster, List<Unstructured> pods, boolean settled, Instant now) {
        long minReady = set.integer(0, "spec", "minReadySeconds");
        Stream<Duration> available = pods.stream()
                .filter(p -> Pods.isReady(p) && !Pods.isAvailable(p, minReady, now))
                .map(p -> Pods.untilAvailable(p, minReady, now));
        Stream<Duration> held = roster.places().stream()
                .filter(p -> p.living().stream().anyMatch(d -> d.phase().equals("Failed")))
                .map(p -> held(set, p.node(), now))
                .filter(d -> !d.isZero());
        Stream<Duration> expected = settled ? Stream.empty() : Stream.of(Expectations.LONG);
        return Stream.of(available, held, expected)
                .flatMap(s -> s)
                .min(Duration::compareTo)
                .map(Result::after)
                .orElse(Result.DONE);
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
