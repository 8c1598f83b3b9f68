package dev.coracle.scheduler;

import dev.coracle.client.ApiEventRecorder;
import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One pod at a time, over a snapshot of the nodes that is kept by difference. A pod counts on its node from the moment it
 * is decided, before the informer shows it. Pods that fit nowhere wait for a node, a pod or a claim to change.
 */
public final class Scheduler implements AutoCloseable {
    private static final Duration UNTIL_SYNCED = Duration.ofMillis(20);

    private record Placement(String node, Request request) {}

    private final Client client;
    private final Environment environment;
    private final EventRecorder events;
    private final Informer pods;
    private final Informer nodes;
    private final VolumeClaims volumes;
    private final Map<String, NodeInfo> infos = new LinkedHashMap<>();
    private final Map<String, Placement> placed = new LinkedHashMap<>();
    private final Set<ObjectKey> unschedulable = new LinkedHashSet<>();
    private final KeyedWorkQueue<ObjectKey> queue;
    private long moves;

    public Scheduler(Client client, Informers informers, Environment environment) {
        this.client = client;
        this.environment = environment;
        this.events = new ApiEventRecorder(client, environment, "default-scheduler", "");
        this.pods = informers.of(Resources.PODS);
        this.nodes = informers.of(Resources.NODES);
        this.volumes = new VolumeClaims(
                informers.of(Resources.PERSISTENT_VOLUME_CLAIMS),
                informers.of(Resources.PERSISTENT_VOLUMES),
                informers.of(Resources.STORAGE_CLASSES));
        this.queue = new KeyedWorkQueue<>(environment, "scheduler", 1, this::schedule);
    }

    /** Begins to schedule; the caller starts the informers. */
    public void start() {
        nodes.handle((before, after) -> {
            nodeChanged(before, after);
            // Heartbeats change nothing that a pod could wait for.
            if (before == null || after == null || !suits(before.object()).equals(suits(after.object()))) {
                retry();
            }
        });
        pods.handle(this::podChanged);
        volumes.claims().handle((before, after) -> retry());
        volumes.volumes().handle((before, after) -> retry());
        volumes.classes().handle((before, after) -> retry());
    }

    /** What of a node decides whether pods fit. */
    private static List<Unstructured> suits(Unstructured node) {
        return List.of(node.object("spec"), node.object("metadata", "labels"), node.object("status", "allocatable"));
    }

    /**
     * Handlers run under their informer's lock and then take this one; so nothing in here may ask another informer, whose
     * handlers might be on their way in.
     */
    private synchronized void nodeChanged(@Nullable Revision before, @Nullable Revision after) {
        if (after == null) {
            if (before != null) {
                infos.remove(before.name());
            }
            return;
        }
        NodeInfo info = infos.get(after.name());
        if (info != null) {
            info.node(after.object());
            return;
        }
        NodeInfo fresh = new NodeInfo(after.object());
        // Its pods may have been seen before it was.
        placed.forEach((uid, p) -> {
            if (p.node().equals(after.name())) {
                fresh.add(uid, p.request());
            }
        });
        infos.put(after.name(), fresh);
    }

    private void podChanged(@Nullable Revision before, @Nullable Revision after) {
        if (after == null) {
            if (before != null && unplace(before.uid())) {
                retry();
            }
            return;
        }
        Unstructured pod = after.object();
        String node = pod.string("spec", "nodeName");
        boolean ended = List.of("Succeeded", "Failed").contains(pod.string("status", "phase"));
        if (ended) {
            if (unplace(pod.uid())) {
                retry();
            }
        } else if (!node.isEmpty()) {
            synchronized (this) {
                unschedulable.remove(after.key());
                place(pod, node);
            }
        } else if (before == null || !before.object().object("spec").equals(pod.object("spec"))) {
            queue.add(after.key());
        }
    }

    private synchronized void place(Unstructured pod, String node) {
        Request request = Request.of(pod);
        NodeInfo info = infos.get(node);
        if (info != null) {
            info.add(pod.uid(), request);
        }
        placed.put(pod.uid(), new Placement(node, request));
    }

    /** Whether it had a place. */
    private synchronized boolean unplace(String uid) {
        Placement p = placed.remove(uid);
        NodeInfo info = p == null ? null : infos.get(p.node());
        if (info != null) {
            info.remove(uid);
        }
        return p != null;
    }

    /** Something changed that may help pods that fit nowhere. */
    private synchronized void retry() {
        moves++;
        unschedulable.forEach(queue::add);
        unschedulable.clear();
    }

    /** Waits for a change; one that came since {@code seen} was read counts, or it would be missed for good. */
    private synchronized void park(ObjectKey key, long seen) {
        if (moves == seen) {
            unschedulable.add(key);
        } else {
            queue.add(key);
        }
    }

    private synchronized long moves() {
        return moves;
    }

    private Reconciler.Result schedule(ObjectKey key) {
        // A decision over half a picture could put a pod where its volume is not, or where others fill the node.
        if (!nodes.synced() || !pods.synced() || !volumes.synced()) {
            return Reconciler.Result.after(UNTIL_SYNCED);
        }
        long seen = moves();
        Revision revision = pods.get(key).orElse(null);
        if (revision == null || !isOurs(revision)) {
            return Reconciler.Result.DONE;
        }
        Unstructured pod = revision.object();
        VolumeClaims.Needs needs = volumes.of(pod);
        String node = needs.blocked().isEmpty() ? choose(pod, needs, seen) : "";
        if (!needs.blocked().isEmpty()) {
            fail(pod, Diagnosis.blocked(nodeCount(), needs.blocked()), seen);
        }
        if (node.isEmpty()) {
            return Reconciler.Result.DONE;
        }
        if (!needs.unbound().isEmpty()) {
            // The provisioner binds the claims on this node; their change brings the pod back here.
            needs.unbound().forEach(claim -> select(claim, node));
            park(key, seen);
            return Reconciler.Result.DONE;
        }
        place(pod, node);
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
            unplace(pod.uid());
            throw e;
        }
        events.normal(pod, "Scheduled", "Successfully assigned " + pod.namespace() + "/" + pod.name() + " to " + node);
        return Reconciler.Result.DONE;
    }

    private static boolean isOurs(Revision revision) {
        Unstructured pod = revision.object();
        return !revision.isDeleting()
                && pod.string("spec", "nodeName").isEmpty()
                && pod.stringOr("default-scheduler", "spec", "schedulerName").equals("default-scheduler")
                && pod.objects("spec", "schedulingGates").isEmpty();
    }

    private synchronized int nodeCount() {
        return infos.size();
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

    /** The best node's name; {@code ""} after the pod was told why there is none. */
    private String choose(Unstructured pod, VolumeClaims.Needs needs, long seen) {
        Request request = Request.of(pod);
        String chosen = needs.chosenNode();
        String best = "";
        long bestScore = -1;
        Diagnosis diagnosis;
        synchronized (this) {
            diagnosis = new Diagnosis(infos.size());
            for (NodeInfo info : infos.values()) {
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
        }
        if (best.isEmpty()) {
            fail(pod, diagnosis.message(), seen);
        }
        return best;
    }

    private void fail(Unstructured pod, String message, long seen) {
        park(ObjectKey.of(pod), seen);
        boolean said = pod.objects("status", "conditions").stream()
                .anyMatch(c -> c.string("type").equals("PodScheduled")
                        && c.string("message").equals(message));
        if (said) {
            return;
        }
        events.warning(pod, "FailedScheduling", message);
        List<Unstructured> conditions = pod.copy().objects("status", "conditions");
        conditions.removeIf(c -> c.string("type").equals("PodScheduled"));
        conditions.add(new Unstructured(new LinkedHashMap<>())
                .set("PodScheduled", "type")
                .set("False", "status")
                .set("Unschedulable", "reason")
                .set(message, "message")
                .set(environment.clock().now(), "lastTransitionTime"));
        client.patch(
                Resources.PODS,
                pod.namespace(),
                pod.name(),
                Patch.merge(new Unstructured(new LinkedHashMap<>()).set(conditions, "status", "conditions")),
                WriteOptions.STATUS);
    }

    @Override
    public void close() {
        queue.close();
    }
}
