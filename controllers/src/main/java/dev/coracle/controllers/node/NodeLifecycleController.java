package dev.coracle.controllers.node;

import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Believes a node as long as it sees its Lease change; when, goes by its own clock, since the times in Leases are those of
 * other machines, or of a life of the cluster that ended long ago. One that was silent for the grace period has its conditions set to
 * Unknown and its pods to not ready, so that nobody is sent to them; taints follow from the conditions. Moving the pods
 * is {@link TaintEvictionController}'s.
 */
public final class NodeLifecycleController implements Controller, Reconciler {
    private static final List<String> REPORTED = List.of("Ready", "MemoryPressure", "DiskPressure", "PIDPressure");

    private final ControllerContext world;
    private final EventRecorder events;
    private final Informer nodes;
    private final Informer leases;
    private final Informer pods;
    private final Loop loop;
    /** The last change of each node's Lease that was seen; the queue's one worker's. */
    private final Map<String, Beat> beats = new HashMap<>();

    private record Beat(String renewTime, long seen) {}

    public NodeLifecycleController(ControllerContext world, EventRecorder events) {
        this.world = world;
        this.events = events;
        this.loop = new Loop(world, "nodelifecycle", 1);
        this.nodes = loop.reconciles(Resources.NODES);
        this.leases = loop.watches(
                Resources.LEASES,
                (before, after) -> after != null && after.namespace().equals("kube-node-lease")
                        ? List.of(new ObjectKey("", after.name()))
                        : List.of());
        this.pods = loop.reads(Resources.PODS);
        PodsOfNode.index(pods);
        loop.start(this);
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision revision = nodes.get(key).orElse(null);
        if (revision == null) {
            beats.remove(key.name());
            return Result.DONE;
        }
        Unstructured node = revision.object();
        Instant now = world.environment().clock().now();
        Duration left = world.config().nodeGrace().minus(silence(node, now));
        boolean silent = !left.isPositive();
        if (silent) {
            node = unknown(node, now);
            quiet(node, now);
        }
        List<Unstructured> taints = NodeTaints.of(node, now);
        if (!taints.equals(node.objects("spec", "taints"))) {
            Unstructured next = node.copy().set(taints.isEmpty() ? null : taints, "spec", "taints");
            world.client().update(Resources.NODES, next, WriteOptions.DEFAULT);
        }
        return silent ? Result.DONE : Result.after(left.plusMillis(1));
    }

    private Duration silence(Unstructured node, Instant now) {
        Revision lease = leases.get("kube-node-lease", node.name()).orElse(null);
        if (lease == null) {
            return Duration.between(node.time("metadata", "creationTimestamp").orElse(now), now);
        }
        String renewTime = lease.object().string("spec", "renewTime");
        Beat beat = beats.get(node.name());
        if (beat == null || !beat.renewTime().equals(renewTime)) {
            beat = new Beat(renewTime, world.environment().clock().nanos());
            beats.put(node.name(), beat);
        }
        return world.environment().clock().elapsed(beat.seen());
    }

    /** The node with conditions Unknown, written if they were not. */
    private Unstructured unknown(Unstructured node, Instant now) {
        List<Unstructured> conditions = Conditions.of(node);
        boolean wasReady = Conditions.isTrue(node, "Ready");
        for (String type : REPORTED) {
            Unstructured c = Conditions.find(conditions, type).orElse(null);
            if (c == null) {
                conditions.add(condition(
                        new Unstructured(new LinkedHashMap<>()).set(type, "type"),
                        "NodeStatusNeverUpdated",
                        "Kubelet never posted node status.",
                        now));
            } else if (!c.string("status").equals("Unknown")) {
                condition(c, "NodeStatusUnknown", "Kubelet stopped posting node status.", now);
            }
        }
        Unstructured next = node.copy().set(conditions, "status", "conditions");
        if (next.equals(node)) {
            return node;
        }
        Unstructured written = world.client()
                .update(Resources.NODES, next, WriteOptions.STATUS)
                .object();
        if (wasReady) {
            events.normal(node, "NodeNotReady", "Node " + node.name() + " status is now: NodeNotReady");
        }
        return written;
    }

    private static Unstructured condition(Unstructured c, String reason, String message, Instant now) {
        return c.set("Unknown", "status")
                .set(reason, "reason")
                .set(message, "message")
                .set(now, "lastTransitionTime");
    }

    /** Nobody knows whether the pods there serve, so nobody is sent to them. */
    private void quiet(Unstructured node, Instant now) {
        for (Revision pod : PodsOfNode.of(pods, node.name())) {
            List<Unstructured> conditions = pod.object().copy().objects("status", "conditions");
            boolean changed = false;
            for (Unstructured c : conditions) {
                if (c.string("type").equals("Ready") && c.string("status").equals("True")) {
                    c.set("False", "status").set(Timestamps.format(now), "lastTransitionTime");
                    changed = true;
                }
            }
            if (!changed) {
                continue;
            }
            events.warning(pod.object(), "NodeNotReady", "Node is not ready");
            try {
                world.client()
                        .patch(
                                Resources.PODS,
                                pod.namespace(),
                                pod.name(),
                                Patch.merge(new Unstructured(new LinkedHashMap<>())
                                        .set(conditions, "status", "conditions")
                                        .set(pod.uid(), "metadata", "uid")),
                                WriteOptions.STATUS);
            } catch (StatusException e) {
                if (!e.isNotFound()) {
                    throw e;
                }
            }
        }
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
