package dev.coracle.scheduler;

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
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.Plugin.ClusterEvent;
import dev.coracle.scheduler.framework.Plugin.Permission;
import dev.coracle.scheduler.framework.PluginFailure;
import dev.coracle.scheduler.framework.PodInfo;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One loop owns all that is known of nodes, places and waiting pods, so that there is no lock: informers only note that
 * something changed, and writes run beside it ({@link Effects}) and only report what came of them. A turn of the loop
 * first takes in both, then decides about one pod. A pod counts on its node from the moment that is decided (it is
 * <em>assumed</em> there) and no more when the binding fails; so however many bindings are under way, no node is promised
 * twice. One that fits nowhere is parked until a change can help it ({@link Hints}).
 *
 * <p>What changed is taken in by {@link Intake}, what becomes of a pod that fits nowhere is {@link Refusing}'s.
 */
public final class Scheduler implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("coracle.scheduler");
    private static final Duration UNTIL_SYNCED = Duration.ofMillis(20);
    private static final Duration LOOK_FOR_OLD = Duration.ofSeconds(30);
    private static final Duration UNTIL_EXPLAINED = Duration.ofSeconds(10);

    /** How many pods may wait and be asked before every attempt; when there are twice as many, before every second. */
    private static final int ASKED = 512;

    /** Whom a pod waits for that has its node, but not yet its volumes or devices. */
    private static final Set<String> AWAITED = Set.of("VolumeBinding", "DynamicResources");

    /** What besides nodes, pods and namespaces may bring a pod back. */
    private static final List<GroupVersionResource> OTHERS = List.of(
            Resources.PERSISTENT_VOLUME_CLAIMS,
            Resources.PERSISTENT_VOLUMES,
            Resources.STORAGE_CLASSES,
            Resources.CSI_NODES,
            Resources.VOLUME_ATTACHMENTS,
            Resources.RESOURCE_CLAIMS,
            Resources.DEVICE_CLASSES,
            Resources.RESOURCE_SLICES);

    /** The loop has nothing to tell apart: it is woken or not. */
    private enum Wake {
        TURN
    }

    private final Environment environment;
    private final Effects effects;
    private final Effects evictions;
    private final Informer pods;
    private final Informer nodes;
    private final Informer namespaces;
    private final Map<GroupVersionResource, Informer> others = new HashMap<>();
    private final Profile.All profiles;
    private final Changes changes = new Changes();
    private final Queue<Runnable> outcomes = new ConcurrentLinkedQueue<>();
    private final Permits permits;
    private final State state;
    private final Intake intake;
    private final Refusing refusing;

    private final KeyedWorkQueue<Wake> loop;
    private int unasked;
    private final AtomicLong attempts = new AtomicLong();

    public Scheduler(Client client, Informers informers, Environment environment) {
        this(client, informers, environment, KubeSchedulerConfiguration.DEFAULT);
    }

    public Scheduler(
            Client client, Informers informers, Environment environment, KubeSchedulerConfiguration configuration) {
        this.environment = environment;
        this.effects = new Effects(environment, "scheduler-writes");
        this.evictions = new Effects(environment, "scheduler-evictions");
        this.pods = informers.of(Resources.PODS);
        this.nodes = informers.of(Resources.NODES);
        this.namespaces = informers.of(Resources.NAMESPACES);
        OTHERS.forEach(r -> others.put(r, informers.of(r)));
        this.permits = new Permits(this::report);
        this.profiles = new Profile.All(
                configuration,
                new Registry.World(client, informers, environment.entropy(), permits, environment.clock()),
                environment);
        this.state = new State(
                new SchedulingQueue(configuration.firstBackoff(), configuration.lastBackoff()), permits, profiles);
        this.intake = new Intake(state, profiles, pods, nodes, namespaces);
        this.refusing = new Refusing(state, profiles, pods, effects, evictions, environment.clock(), this::report);
        this.loop = new KeyedWorkQueue<>(environment, "scheduler", 1, wake -> turn());
    }

    /** Begins to schedule; the caller starts the informers. */
    public void start() {
        nodes.handle((before, after) -> changed(before, after, Changes::ofNode));
        pods.handle((before, after) -> changed(before, after, Changes::ofPod));
        namespaces.handle((before, after) -> changed(before, after, Revision::labels));
        others.values().forEach(o -> o.handle((before, after) -> changed(before, after, Revision::version)));
    }

    /**
     * Why a pod is where it is, or nowhere, from its last attempt ({@link Explanation}).
     *
     * @throws IllegalArgumentException when that is not known, with why
     */
    public Map<String, Object> why(String namespace, String name) {
        try {
            return asked(namespace, name).get(UNTIL_EXPLAINED.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IllegalArgumentException known ? known : new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalArgumentException("interrupted", e);
        } catch (TimeoutException e) {
            throw new IllegalArgumentException("the scheduler did not answer in time", e);
        }
    }

    /** Answered by the loop, which owns what it takes. */
    CompletableFuture<Map<String, Object>> asked(String namespace, String name) {
        var answer = new CompletableFuture<Map<String, Object>>();
        report(() -> {
            try {
                answer.complete(explain(new ObjectKey(namespace, name)));
            } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private Map<String, Object> explain(ObjectKey key) {
        Revision pod =
                pods.get(key).orElseThrow(() -> new IllegalArgumentException("pods \"" + key.name() + "\" not found"));
        Profile profile = profiles.find(pod.object());
        if (profile == null) {
            throw new IllegalArgumentException("no profile of this scheduler is called \""
                    + pod.object().string("spec", "schedulerName") + "\": the pod waits for another");
        }
        Attempts.Attempt last = state.attempts.of(key);
        if (last != null && last.cycle().pod().uid().equals(pod.uid())) {
            return Explanation.of(profile, last);
        }
        List<String> gates = pod.object().objects("spec", "schedulingGates").stream()
                .map(g -> g.string("name"))
                .toList();
        throw new IllegalArgumentException(
                gates.isEmpty()
                        ? "the scheduler has not tried this pod lately"
                        : "the pod is not tried before its scheduling gates are removed: " + String.join(", ", gates));
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
        if (!nodes.synced() || !pods.synced() || !namespaces.synced() || !profiles.synced()) {
            return Result.after(UNTIL_SYNCED);
        }
        long now = environment.clock().nanos();
        for (Runnable outcome = outcomes.poll(); outcome != null; outcome = outcomes.poll()) {
            outcome.run();
        }
        permits.rejectLate(now);
        intake.takeIn(changes.take(), now);
        // To ask thousands once about much costs no more than about little.
        if (++unasked * ASKED >= state.queue.asked() || !state.queue.hasActive(now)) {
            unasked = 0;
            intake.help(now);
        }
        state.queue.unparkOld(now);
        ObjectKey next = state.queue.poll(now);
        if (next != null) {
            attempt(next, now);
            return Result.after(Duration.ZERO);
        }
        Duration ready = sooner(state.queue.untilReady(now), permits.untilLate(now));
        if (ready != null && ready.compareTo(LOOK_FOR_OLD) < 0) {
            return Result.after(ready);
        }
        return state.queue.nobodyParked() ? Result.DONE : Result.after(LOOK_FOR_OLD);
    }

    private static @Nullable Duration sooner(@Nullable Duration a, @Nullable Duration b) {
        return a == null || b != null && b.compareTo(a) < 0 ? b : a;
    }

    private void attempt(ObjectKey key, long now) {
        State.Waiting next = state.waiting.get(key);
        if (next == null) {
            state.queue.remove(key);
            return;
        }
        attempts.incrementAndGet();
        // One that awaited its volumes or devices is decided about anew.
        state.unreserve(next.pod());
        String before = state.placements.forget(next.pod());
        try {
            Cycle cycle = new Cycle(next.pod(), state.placements.snapshot());
            Decision decision = profiles.of(next.pod().pod()).maker().decide(cycle);
            state.attempts.note(cycle, environment.clock().now(), decision);
            NodeInfo node = decision.node();
            if (node != null) {
                assume(next.pod(), node);
            } else {
                refusing.refuse(next.pod(), decision, now);
            }
            if (node == null || !node.name().equals(before)) {
                state.hints.node(before);
            }
            if (node == null && !before.isEmpty()) {
                refusing.takeBack(next.pod());
            }
        } catch (PluginFailure e) {
            state.hints.node(before);
            if (!before.isEmpty()) {
                refusing.takeBack(next.pod());
            }
            refusing.broken(next.pod(), e, now);
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.WARNING, key + " is tried again", e);
            state.queue.fail(key, now);
        }
    }

    private void assume(PodInfo pod, NodeInfo node) {
        Map<Plugin.Reserves, Plugin.PreBind> before = new LinkedHashMap<>();
        Profile profile = profiles.of(pod.pod());
        for (Plugin.Reserves r : profile.reserves()) {
            Plugin.PreBind b = r.reserve(pod, node);
            if (b != null) {
                before.put(r, b);
            }
        }
        state.placements.assume(pod, node.name());
        state.hints.event(new ClusterEvent.PodMoved(pod));
        permit(profile, pod, node, () -> bind(profile, pod, node, before));
    }

    /** Asks whether the pod may be bound; it keeps its place while that is not known. */
    private void permit(Profile profile, PodInfo pod, NodeInfo node, Runnable allowed) {
        Map<String, Permission.Wait> waits = new LinkedHashMap<>();
        for (Plugin.Permits p : profile.permits()) {
            switch (p.permit(pod, node)) {
                case Permission.Allow a -> {}
                case Permission.Wait w -> waits.put(p.name(), w);
                case Permission.Reject r -> {
                    refusing.rejected(pod, p.name(), r.message());
                    return;
                }
            }
        }
        if (waits.isEmpty()) {
            allowed.run();
        } else {
            permits.hold(
                    pod,
                    node.name(),
                    waits,
                    environment.clock().nanos(),
                    allowed,
                    (plugin, message) -> refusing.rejected(pod, plugin, message));
        }
    }

    private void bind(Profile profile, PodInfo pod, NodeInfo node, Map<Plugin.Reserves, Plugin.PreBind> before) {
        if (before.isEmpty()) {
            state.queue.commit(pod.key());
        } else {
            state.waiting.put(pod.key(), new State.Waiting(pod, AWAITED));
        }
        effects.submit(pod.key(), () -> {
            try {
                Plugin.Reserves slow = profile.writes().bind(pod, node.name(), before);
                report(() -> settle(pod, slow));
            } catch (RuntimeException | Error e) {
                report(() -> refusing.failed(pod, e));
            }
        });
    }

    private void report(Runnable outcome) {
        outcomes.add(outcome);
        loop.add(Wake.TURN);
    }

    /** @param slow who has the pod wait for others; null when it is bound */
    private void settle(PodInfo pod, Plugin.@Nullable Reserves slow) {
        if (slow == null) {
            if (state.isWaiting(pod)) {
                state.leave(pod.key());
            }
            return;
        }
        if (!state.isWaiting(pod)) {
            return;
        }
        long now = environment.clock().nanos();
        long since = state.awaiting.computeIfAbsent(pod.key(), k -> now);
        Duration left = slow.patience().minusNanos(now - since);
        if (left.isPositive()) {
            // It keeps its place, lest others fill the node before its volumes are there.
            state.queue.await(pod.key(), now, left);
        } else {
            refusing.late(pod, slow.late());
        }
    }

    @Override
    public void close() {
        loop.close();
        effects.close();
        evictions.close();
    }
}
