package dev.coracle.controllers.node;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;

/**
 * A node whose Lease was not renewed for the grace period is Unknown and tainted unreachable; its pods are deleted when
 * their toleration of that taint ends.
 */
public final class NodeLifecycleController implements Controller, Reconciler {
    private static final String UNREACHABLE = "node.kubernetes.io/unreachable";
    private static final String BY_NODE = "spec.nodeName";

    private final ControllerContext world;
    private final EventRecorder events;
    private final Informer nodes;
    private final Informer leases;
    private final Informer pods;
    private final KeyedWorkQueue<ObjectKey> queue;

    public NodeLifecycleController(ControllerContext world, EventRecorder events) {
        this.world = world;
        this.events = events;
        this.nodes = world.informers().of(Resources.NODES);
        this.leases = world.informers().of(Resources.LEASES);
        this.pods = world.informers().of(Resources.PODS);
        this.queue = new KeyedWorkQueue<>(world.environment(), "nodelifecycle", 1, this::reconcile);
        pods.index(BY_NODE, r -> List.of(r.object().string("spec", "nodeName")));
        nodes.handle((before, after) -> queue.add((after != null ? after : Objects.requireNonNull(before)).key()));
        leases.handle((before, after) -> {
            if (after != null && after.namespace().equals("kube-node-lease")) {
                queue.add(new ObjectKey("", after.name()));
            }
        });
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision node = nodes.get(key).orElse(null);
        if (node == null) {
            return Result.DONE;
        }
        Instant now = world.environment().clock().now();
        Duration grace = world.config().nodeGrace();
        Instant beat = leases.get("kube-node-lease", key.name())
                .flatMap(l -> l.object().time("spec", "renewTime"))
                .or(() -> node.object().time("metadata", "creationTimestamp"))
                .orElse(now);
        boolean silent = beat.plus(grace).isBefore(now);
        boolean tainted = node.object().objects("spec", "taints").stream()
                .anyMatch(t -> t.string("key").equals(UNREACHABLE));
        if (silent != tainted) {
            taint(node.object(), silent, now);
        }
        if (!silent) {
            return Result.after(Duration.between(now, beat.plus(grace)).plusMillis(10));
        }
        return evict(node.object(), now);
    }

    private void taint(Unstructured node, boolean silent, Instant now) {
        if (silent) {
            List<Unstructured> conditions = node.copy().objects("status", "conditions");
            for (Unstructured c : conditions) {
                c.set("Unknown", "status")
                        .set("NodeStatusUnknown", "reason")
                        .set("Kubelet stopped posting node status.", "message")
                        .set(now, "lastTransitionTime");
            }
            world.client()
                    .patch(
                            Resources.NODES,
                            "",
                            node.name(),
                            Patch.merge(
                                    new Unstructured(new LinkedHashMap<>()).set(conditions, "status", "conditions")),
                            WriteOptions.STATUS);
            events.normal(node, "NodeNotReady", "Node " + node.name() + " status is now: NodeNotReady");
        }
        List<Unstructured> taints = node.copy().objects("spec", "taints");
        taints.removeIf(t -> t.string("key").equals(UNREACHABLE));
        if (silent) {
            for (String effect : List.of("NoSchedule", "NoExecute")) {
                taints.add(Unstructured.parse("{\"key\":\"" + UNREACHABLE + "\",\"effect\":\"" + effect
                        + "\",\"timeAdded\":\"" + Timestamps.format(now) + "\"}"));
            }
        }
        world.client()
                .patch(
                        Resources.NODES,
                        "",
                        node.name(),
                        Patch.merge(new Unstructured(new LinkedHashMap<>()).set(taints, "spec", "taints")),
                        WriteOptions.DEFAULT);
    }

    private Result evict(Unstructured node, Instant now) {
        Instant since = node.objects("spec", "taints").stream()
                .filter(t -> t.string("key").equals(UNREACHABLE))
                .flatMap(t -> t.time("timeAdded").stream())
                .findFirst()
                .orElse(now);
        Duration next = Duration.ofSeconds(10);
        for (Revision pod : pods.byIndex(BY_NODE, node.name())) {
            long tolerated = pod.object().objects("spec", "tolerations").stream()
                    .filter(t -> t.string("key").isEmpty() || t.string("key").equals(UNREACHABLE))
                    .filter(t ->
                            t.string("effect").isEmpty() || t.string("effect").equals("NoExecute"))
                    .mapToLong(t -> t.integer(Long.MAX_VALUE / 2, "tolerationSeconds"))
                    .max()
                    .orElse(0);
            if (!pod.isDeleting()
                    && tolerated < Long.MAX_VALUE / 4
                    && !since.plusSeconds(tolerated).isAfter(now)) {
                events.normal(pod.object(), "TaintManagerEviction", "Marking for deletion Pod " + pod.key());
                try {
                    world.client().delete(Resources.PODS, pod.namespace(), pod.name(), DeleteOptions.of(pod.uid()));
                } catch (StatusException e) {
                    if (!e.isNotFound()) {
                        throw e;
                    }
                }
            }
        }
        return Result.after(next);
    }

    @Override
    public void close() {
        queue.close();
    }
}
