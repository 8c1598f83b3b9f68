package dev.coracle.scheduler;

import dev.coracle.client.ApiEventRecorder;
import dev.coracle.client.Client;
import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler.Result;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.Plugin.ClusterEvent;
import dev.coracle.scheduler.framework.PodInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One loop owns all that is known of nodes, places and waiting pods, so that there is no lock: informers only note that
 * something changed, and writes run beside it ({@link Effects}) and only report what came of them. A turn of the loop
 * first takes in both, then decides about one pod. A pod counts on its node from the moment that is decided (it is
 * <em>assumed</em> there) and no more when the binding fails; so however many bindings are under way, no node is promised
 * twice. One that fits nowhere is parked until a change can help it ({@link Hints}).
 */
public final class Scheduler implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("coracle.scheduler");
    private static final Duration UNTIL_SYNCED = Duration.ofMillis(20);
    private static final Duration LOOK_FOR_OLD = Duration.ofSeconds(30);

    /** Whom a pod waits for that has its node, but not yet its volumes. */
    private static final Set<String> AWAITED = Set.of("VolumeBinding");

    /** The loop has nothing to tell apart: it is woken or not. */
    private enum Wake {
        TURN
    }

    /** @param refusers who refused it the last time; empty before that */
    private record Waiting(PodInfo pod, Set<String> refusers) {}

    private final Environment environment;
    private final Writes writes;
    private final Effects effects;
    private final Informer pods;
    private final Informer nodes;
    private final Informer namespaces;
    private final Map<GroupVersionResource, Informer> others = new HashMap<>();
    private final Plugins plugins;
    private final List<Plugin.PreEnqueue> gates;
    private final List<Plugin.Reserves> reserves;
    private final Decision.Maker maker;
    private final Hints hints;
    private final Changes changes = new Changes();
    private final Queue<Runnable> outcomes = new ConcurrentLinkedQueue<>();
    private final Placements placements = new Placements();
    private final SchedulingQueue queue = new SchedulingQueue();
    private final Map<ObjectKey, Waiting> waiting = new HashMap<>();
    /** The pods that are to go for each that preempts, until their going shows. */
    private final Map<ObjectKey, List<PodInfo>> victims = new HashMap<>();

    private final KeyedWorkQueue<Wake> loop;
    private final AtomicLong attempts = new AtomicLong();

    public Scheduler(Client client, Informers informers, Environment environment) {
        this.environment = environment;
        this.writes = new Writes(
                client, new ApiEventRecorder(client, environment, "default-scheduler", ""), environment.clock());
        this.effects = new Effects(environment);
        this.pods = informers.of(Resources.PODS);
        this.nodes = informers.of(Resources.NODES);
        this.namespaces = informers.of(Resources.NAMESPACES);
        for (GroupVersionResource r :
                List.of(Resources.PERSISTENT_VOLUME_CLAIMS, Resources.PERSISTENT_VOLUMES, Resources.STORAGE_CLASSES)) {
            others.put(r, informers.of(r));
        }
        this.plugins = new Plugins(client, informers, environment.entropy());
        this.gates = plugins.at(Plugin.PreEnqueue.class);
        this.reserves = plugins.at(Plugin.Reserves.class);
        this.maker = new Decision.Maker(plugins, environment.entropy());
        this.hints = new Hints(plugins.at(Plugin.Filters.class));
        this.loop = new KeyedWorkQueue<>(environment, "scheduler", 1, wake -> turn());
    }

    /** Begins to schedule; the caller starts the informers. */
    public void start() {
        nodes.handle((before, after) -> changed(before, after, Changes::ofNode));
        pods.handle((before, after) -> changed(before, after, Changes::ofPod));
        namespaces.handle((before, after) -> changed(before, after, Revision::labels));
        others.values().forEach(o -> o.handle((before, after) -> changed(before, after, Revision::version)));
    }

    /** How often a pod was tried, whatever came of it. */
    long attempts() {
        return attempts.get();
    }

    /** Notes an object that came, went, or changed in what decides. */
    private void changed(@Nullable Revision before, @Nullable Revision after, Function<Revision, Object> decides) {
        Revision any = after != null ? after : before;
        if (any != null
                && (before == null || after == null || !decides.apply(before).equals(decides.apply(after)))) {
            changes.add(any);
            loop.add(Wake.TURN);
        }
    }

    private Result turn() {
        // A decision over half a picture could put a pod where its volume is not, or where others fill the node.
        if (!nodes.synced() || !pods.synced() || !namespaces.synced() || !plugins.synced()) {
            return Result.after(UNTIL_SYNCED);
        }
        long now = environment.clock().nanos();
        for (Runnable outcome = outcomes.poll(); outcome != null; outcome = outcomes.poll()) {
            outcome.run();
        }
        takeIn(changes.take(), now);
        queue.unparkOld(now);
        ObjectKey next = queue.poll(now);
        if (next != null) {
            attempt(next, now);
            return Result.after(Duration.ZERO);
        }
        Duration ready = queue.untilReady(now);
        if (ready != null && ready.compareTo(LOOK_FOR_OLD) < 0) {
            return Result.after(ready);
        }
        return queue.nobodyParked() ? Result.DONE : Result.after(LOOK_FOR_OLD);
    }

    // ---- what changed

    private void takeIn(List<Changes.Change> taken, long now) {
        for (Changes.Change c : taken) {
            try {
                if (c.resource().equals(Resources.NODES)) {
                    nodeChanged(c.key());
                } else if (c.resource().equals(Resources.PODS)) {
                    podChanged(c.key(), now);
                } else {
                    if (c.resource().equals(Resources.NAMESPACES)) {
                        placements.namespace(
                                c.key().name(),
                                namespaces.get(c.key()).map(Revision::labels).orElse(null));
                    }
                    hints.event(new ClusterEvent.ObjectChanged(c.resource(), c.key()));
                }
            } catch (RuntimeException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "cannot make sense of " + c.resource().resource() + " " + c.key(),
                        e);
            }
        }
        if (!hints.isEmpty()) {
            queue.unpark(
                    key -> {
                        Waiting w = waiting.get(key);
                        return w != null && hints.help(w.pod, w.refusers, placements.snapshot());
                    },
                    now);
            hints.clear();
        }
    }

    private void nodeChanged(ObjectKey key) {
        nodes.get(key).ifPresentOrElse(n -> placements.put(n.object()), () -> placements.remove(key.name()));
        NodeInfo node = placements.node(key.name());
        if (node != null) {
            hints.nodeChanged(node);
        }
    }

    private void podChanged(ObjectKey key, long now) {
        Revision revision = pods.get(key).orElse(null);
        if (revision != null && isOurs(revision)) {
            // One that is bound already is not yet shown so.
            if (!placements.isPlaced(key, revision.uid())) {
                unplace(key);
                waits(PodInfo.of(revision.object()), now);
            }
            return;
        }
        leave(key);
        String node = revision == null || Changes.hasEnded(revision.object())
                ? ""
                : revision.object().string("spec", "nodeName");
        if (revision == null || node.isEmpty()) {
            unplace(key);
            return;
        }
        PodInfo pod = PodInfo.of(revision.object());
        PodInfo before = placements.placed(key);
        hints.node(placements.place(pod, node));
        if (before == null
                || before.isDeleting() != pod.isDeleting()
                || !before.labels().equals(pod.labels())) {
            hints.event(new ClusterEvent.PodMoved(pod));
        }
    }

    private void unplace(ObjectKey key) {
        PodInfo pod = placements.placed(key);
        if (pod != null) {
            hints.node(placements.unplace(key));
            hints.event(new ClusterEvent.PodMoved(pod));
        }
    }

    private void waits(PodInfo pod, long now) {
        Waiting known = waiting.get(pod.key());
        boolean same = known != null
                && known.pod.uid().equals(pod.uid())
                && known.pod.labels().equals(pod.labels())
                && known.pod.pod().object("spec").equals(pod.pod().object("spec"));
        waiting.put(pod.key(), new Waiting(pod, known != null && same ? known.refusers : Set.of()));
        String nominated = pod.pod().string("status", "nominatedNodeName");
        if (!nominated.isEmpty()) {
            placements.nominate(pod, nominated);
        } else if (known != null && known.pod.pod().has("status", "nominatedNodeName")) {
            // Only then: one that was nominated just now is not shown so yet.
            hints.node(placements.unnominate(pod.key()));
        }
        if (!same) {
            queue.add(pod.key(), pod.uid(), pod.priority(), now);
        }
    }

    /** A pod needs no node any more; one that was kept free for it is free for others. */
    private void leave(ObjectKey key) {
        queue.remove(key);
        waiting.remove(key);
        victims.remove(key);
        hints.node(placements.unnominate(key));
    }

    private boolean isOurs(Revision revision) {
        Unstructured pod = revision.object();
        return !revision.isDeleting()
                && !Changes.hasEnded(pod)
                && pod.string("spec", "nodeName").isEmpty()
                && pod.stringOr("default-scheduler", "spec", "schedulerName").equals("default-scheduler")
                && gates.stream().allMatch(g -> g.mayEnter(pod));
    }

    // ---- one pod

    private void attempt(ObjectKey key, long now) {
        Waiting next = waiting.get(key);
        if (next == null) {
            queue.remove(key);
            return;
        }
        attempts.incrementAndGet();
        // One that awaited its volumes is decided about anew.
        String before = placements.forget(next.pod);
        try {
            Decision decision = maker.decide(new Cycle(next.pod, placements.snapshot()));
            NodeInfo node = decision.node();
            if (node != null) {
                assume(next.pod, node);
            } else {
                refuse(next.pod, decision, now);
            }
            if (node == null || !node.name().equals(before)) {
                hints.node(before);
            }
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.WARNING, key + " is tried again", e);
            queue.fail(key, now);
        }
    }

    private void assume(PodInfo pod, NodeInfo node) {
        List<Plugin.PreBind> before = new ArrayList<>();
        for (Plugin.Reserves r : reserves) {
            Plugin.PreBind b = r.reserve(pod, node);
            if (b != null) {
                before.add(b);
            }
        }
        placements.assume(pod, node.name());
        hints.event(new ClusterEvent.PodMoved(pod));
        if (before.isEmpty()) {
            queue.commit(pod.key());
        } else {
            waiting.put(pod.key(), new Waiting(pod, AWAITED));
        }
        effects.submit(pod.key(), () -> {
            try {
                boolean bound = writes.bind(pod, node.name(), before);
                report(() -> settle(pod, bound));
            } catch (RuntimeException | Error e) {
                report(() -> failed(pod, e));
            }
        });
    }

    private void report(Runnable outcome) {
        outcomes.add(outcome);
        loop.add(Wake.TURN);
    }

    private void settle(PodInfo pod, boolean bound) {
        if (bound) {
            if (queue.isWaiting(pod.key(), pod.uid())) {
                leave(pod.key());
            }
            return;
        }
        // It keeps its place, lest others fill the node before its volumes are there.
        if (queue.isWaiting(pod.key(), pod.uid())) {
            queue.await(pod.key(), environment.clock().nanos());
        }
    }

    private void failed(PodInfo pod, Throwable e) {
        boolean race = e instanceof StatusException s && (s.isConflict() || s.isNotFound() || s.isAlreadyExists());
        String what = pod.key() + " is tried again: " + e.getMessage();
        if (e instanceof StatusException) {
            LOG.log(race ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING, what);
        } else {
            LOG.log(System.Logger.Level.WARNING, what, e);
        }
        forget(pod);
        victims.remove(pod.key());
        if (queue.isWaiting(pod.key(), pod.uid())) {
            queue.fail(pod.key(), environment.clock().nanos());
        }
    }

    private void forget(PodInfo pod) {
        String freed = placements.forget(pod);
        if (!freed.isEmpty()) {
            hints.node(freed);
            hints.event(new ClusterEvent.PodMoved(pod));
        }
    }

    // ---- one that fits nowhere

    /** Says why no node will do, if that is news; makes room, if that helps; and parks the pod. */
    private void refuse(PodInfo pod, Decision decision, long now) {
        ObjectKey key = pod.key();
        waiting.put(key, new Waiting(pod, decision.refusers()));
        Plugin.Rescue rescue = decision.rescue();
        boolean preempts = !rescue.node().isEmpty() && !isGoing(victims.getOrDefault(key, List.of()));
        String nominated = null;
        if (preempts) {
            nominated = rescue.node();
            preempt(pod, rescue);
        } else if (!rescue.keepNomination()) {
            victims.remove(key);
            String before = placements.unnominate(key);
            hints.node(before);
            nominated = before.isEmpty() ? null : "";
        }
        tell(pod, decision.message(), nominated, now);
        if (preempts) {
            evict(pod, rescue);
        } else {
            queue.park(key, now);
        }
    }

    private void tell(PodInfo pod, String message, @Nullable String nominated, long now) {
        Unstructured shown = pods.get(pod.key()).map(Revision::object).orElse(pod.pod());
        boolean known = Writes.isKnown(shown, message);
        boolean news = queue.isNews(pod.key(), message, known, now);
        if (news || !known || nominated != null) {
            write(pod, () -> {
                if (news) {
                    writes.tell(shown, message);
                }
                if (!known || nominated != null) {
                    writes.note(shown, message, nominated);
                }
            });
        }
    }

    /** Keeps the node for the pod; others of lower priority that were to come there are asked anew. */
    private void preempt(PodInfo pod, Plugin.Rescue rescue) {
        victims.put(pod.key(), rescue.victims());
        for (PodInfo lower : placements.nominated(rescue.node())) {
            if (lower.priority() < pod.priority()) {
                placements.unnominate(lower.key());
                write(lower, () -> writes.nominate(lower.pod(), ""));
            }
        }
        placements.nominate(pod, rescue.node());
    }

    private void evict(PodInfo pod, Plugin.Rescue rescue) {
        effects.submit(pod.key(), () -> {
            try {
                rescue.victims().forEach(v -> writes.evict(v, pod, rescue.node()));
                report(() -> {
                    if (queue.isWaiting(pod.key(), pod.uid())) {
                        queue.park(pod.key(), environment.clock().nanos());
                    }
                });
            } catch (RuntimeException | Error e) {
                report(() -> failed(pod, e));
            }
        });
    }

    /** Whether pods that were told to go are there still and do not yet show it. */
    private boolean isGoing(List<PodInfo> told) {
        return told.stream().anyMatch(v -> {
            PodInfo now = placements.placed(v.key());
            return now != null && now.uid().equals(v.uid()) && !now.isDeleting();
        });
    }

    /** What is only told may fail: it is told again. */
    private void write(PodInfo pod, Runnable write) {
        effects.submit(pod.key(), () -> {
            try {
                write.run();
            } catch (RuntimeException e) {
                boolean gone = e instanceof StatusException s && (s.isNotFound() || s.isConflict());
                LOG.log(
                        gone ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
                        "cannot write the status of " + pod.key() + ": " + e.getMessage());
            }
        });
    }

    @Override
    public void close() {
        loop.close();
        effects.close();
    }
}
