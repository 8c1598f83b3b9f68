package dev.coracle.scheduler;

import dev.coracle.client.ApiEventRecorder;
import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler.Result;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One loop owns all that is known of nodes, places and waiting pods, so that there is no lock: informers only note that
 * something changed. A turn of the loop first takes in the changes, then tries one pod. A pod counts on its node from the
 * moment it is decided, before the informer shows it. One that fits nowhere is parked until a change can help it: a node
 * that changed, or lost a pod, and would take it now; or a change of its own claims, their volumes or classes.
 */
public final class Scheduler implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("coracle.scheduler");
    private static final Duration UNTIL_SYNCED = Duration.ofMillis(20);
    private static final Duration LOOK_FOR_OLD = Duration.ofSeconds(30);

    /** The loop has nothing to tell apart: it is woken or not. */
    private enum Wake {
        TURN
    }

    private final Client client;
    private final Environment environment;
    private final EventRecorder events;
    private final Refusals refusals;
    private final Informer pods;
    private final Informer nodes;
    private final VolumeClaims volumes;
    private final Changes changes = new Changes();
    private final Placements placements = new Placements();
    private final SchedulingQueue queue = new SchedulingQueue();
    private final KeyedWorkQueue<Wake> loop;
    private final AtomicLong attempts = new AtomicLong();
    /** Nodes that may take pods that they did not take before. */
    private final Set<String> changedNodes = new LinkedHashSet<>();

    public Scheduler(Client client, Informers informers, Environment environment) {
        this.client = client;
        this.environment = environment;
        this.events = new ApiEventRecorder(client, environment, "default-scheduler", "");
        this.refusals = new Refusals(client, events, environment.clock());
        this.pods = informers.of(Resources.PODS);
        this.nodes = informers.of(Resources.NODES);
        this.volumes = new VolumeClaims(
                informers.of(Resources.PERSISTENT_VOLUME_CLAIMS),
                informers.of(Resources.PERSISTENT_VOLUMES),
                informers.of(Resources.STORAGE_CLASSES));
        this.loop = new KeyedWorkQueue<>(environment, "scheduler", 1, wake -> turn());
    }

    /** Begins to schedule; the caller starts the informers. */
    public void start() {
        nodes.handle((before, after) -> changed(before, after, Changes::ofNode));
        pods.handle((before, after) -> changed(before, after, Changes::ofPod));
        volumes.claims().handle((before, after) -> changed(before, after, Revision::version));
        volumes.volumes().handle((before, after) -> changed(before, after, Revision::version));
        volumes.classes().handle((before, after) -> changed(before, after, Revision::version));
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
        if (!nodes.synced() || !pods.synced() || !volumes.synced()) {
            return Result.after(UNTIL_SYNCED);
        }
        long now = environment.clock().nanos();
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

    private void takeIn(List<Changes.Change> taken, long now) {
        List<Changes.Change> ofVolumes = new ArrayList<>();
        for (Changes.Change c : taken) {
            try {
                if (c.resource().equals(Resources.NODES)) {
                    nodeChanged(c.key());
                } else if (c.resource().equals(Resources.PODS)) {
                    podChanged(c.key(), now);
                } else {
                    ofVolumes.add(c);
                }
            } catch (RuntimeException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "cannot make sense of " + c.resource().resource() + " " + c.key(),
                        e);
            }
        }
        if (!ofVolumes.isEmpty() || !changedNodes.isEmpty()) {
            queue.unpark(key -> isHelped(key, ofVolumes), now);
            changedNodes.clear();
        }
    }

    private void nodeChanged(ObjectKey key) {
        nodes.get(key).ifPresentOrElse(n -> placements.put(n.object()), () -> placements.remove(key.name()));
        changedNodes.add(key.name());
    }

    private void podChanged(ObjectKey key, long now) {
        Revision revision = pods.get(key).orElse(null);
        if (revision != null && isOurs(revision)) {
            // One that is bound already is not yet shown so.
            if (!placements.isPlaced(key, revision.uid())) {
                freed(placements.unplace(key));
                queue.add(key, revision.uid(), now);
            }
            return;
        }
        queue.remove(key);
        String node = revision == null || Changes.hasEnded(revision.object())
                ? ""
                : revision.object().string("spec", "nodeName");
        freed(
                node.isEmpty()
                        ? placements.unplace(key)
                        : placements.place(Objects.requireNonNull(revision).object(), node));
    }

    private void freed(String node) {
        if (!node.isEmpty()) {
            changedNodes.add(node);
        }
    }

    private boolean isHelped(ObjectKey key, List<Changes.Change> ofVolumes) {
        Unstructured pod = pods.get(key).map(Revision::object).orElse(null);
        if (pod == null) {
            return false;
        }
        if (ofVolumes.stream().anyMatch(c -> volumes.concern(pod, c.resource(), c.key()))) {
            return true;
        }
        VolumeClaims.Needs needs = volumes.of(pod);
        if (changedNodes.isEmpty() || !needs.blocked().isEmpty()) {
            return false;
        }
        if (changedNodes.contains(needs.chosenNode())) {
            return true;
        }
        Request request = Request.of(pod);
        return changedNodes.stream()
                .map(placements::node)
                .anyMatch(
                        n -> n != null && Filters.judge(pod, request, needs, n).fits());
    }

    private void attempt(ObjectKey key, long now) {
        Revision revision = pods.get(key).orElse(null);
        if (revision == null || !isOurs(revision)) {
            queue.remove(key);
            return;
        }
        attempts.incrementAndGet();
        try {
            schedule(revision.object(), key, now);
        } catch (RuntimeException | Error e) {
            boolean race = e instanceof StatusException s && (s.isConflict() || s.isNotFound() || s.isAlreadyExists());
            String what = key + " is tried again: " + e.getMessage();
            if (e instanceof StatusException) {
                LOG.log(race ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING, what);
            } else {
                LOG.log(System.Logger.Level.WARNING, what, e);
            }
            queue.fail(key, now);
        }
    }

    private void schedule(Unstructured pod, ObjectKey key, long now) {
        VolumeClaims.Needs needs = volumes.of(pod);
        if (!needs.blocked().isEmpty()) {
            refuse(pod, key, Diagnosis.blocked(placements.nodes().size(), needs.blocked()), now);
            return;
        }
        Diagnosis diagnosis = new Diagnosis(placements.nodes().size());
        String node = choose(pod, needs, diagnosis);
        if (node.isEmpty()) {
            refuse(pod, key, diagnosis.message(), now);
        } else if (!needs.unbound().isEmpty()) {
            // The provisioner binds the claims on this node; their change brings the pod back here.
            needs.unbound().forEach(claim -> select(claim, node));
            queue.await(key, now);
        } else {
            bind(pod, key, node);
        }
    }

    private void bind(Unstructured pod, ObjectKey key, String node) {
        placements.place(pod, node);
        try {
            client.post(
                    Resources.PODS,
                    pod.namespace(),
                    pod.name(),
                    "binding",
                    Unstructured.of("v1", "Binding", pod.namespace(), pod.name())
                            .set("v1", "target", "apiVersion")
                            .set("Node", "target", "kind")
                            .set(node, "target", "name"));
        } catch (RuntimeException e) {
            freed(placements.unplace(key));
            throw e;
        }
        queue.remove(key);
        events.normal(pod, "Scheduled", "Successfully assigned " + pod.namespace() + "/" + pod.name() + " to " + node);
    }

    private static boolean isOurs(Revision revision) {
        Unstructured pod = revision.object();
        return !revision.isDeleting()
                && !Changes.hasEnded(pod)
                && pod.string("spec", "nodeName").isEmpty()
                && pod.stringOr("default-scheduler", "spec", "schedulerName").equals("default-scheduler")
                && pod.objects("spec", "schedulingGates").isEmpty();
    }

    private void select(Unstructured claim, String node) {
        if (!node.equals(claim.annotations().get(VolumeClaims.SELECTED_NODE))) {
            Unstructured patch = new Unstructured(new LinkedHashMap<>())
                    .set(node, "metadata", "annotations", VolumeClaims.SELECTED_NODE);
            client.patch(
                    Resources.PERSISTENT_VOLUME_CLAIMS,
                    claim.namespace(),
                    claim.name(),
                    Patch.merge(patch),
                    WriteOptions.DEFAULT);
        }
    }

    /** The best node's name; {@code ""} after the diagnosis was told why there is none. */
    private String choose(Unstructured pod, VolumeClaims.Needs needs, Diagnosis diagnosis) {
        Request request = Request.of(pod);
        String chosen = needs.chosenNode();
        String best = "";
        long bestScore = -1;
        for (NodeInfo info : placements.nodes()) {
            String name = info.node().name();
            Filters.Verdict verdict = Filters.judge(pod, request, needs, info);
            if (!verdict.fits()) {
                diagnosis.add(verdict);
            } else if (name.equals(chosen)) {
                return name;
            } else {
                // Equal nodes are told apart by how many pods they have, so that replicas spread.
                long score = info.score(request) * 1000 - info.podCount();
                if (best.isEmpty() || score > bestScore) {
                    best = name;
                    bestScore = score;
                }
            }
        }
        return best;
    }

    /** Says why no node will do, if that is news, and parks the pod. */
    private void refuse(Unstructured pod, ObjectKey key, String message, long now) {
        queue.park(key, now);
        boolean known = Refusals.isKnown(pod, message);
        if (queue.isNews(key, message, known, now)) {
            refusals.tell(pod, message);
        }
        if (!known) {
            refusals.note(pod, message);
        }
    }

    @Override
    public void close() {
        loop.close();
    }
}
