package dev.coracle.controllers.node;

import dev.coracle.client.DeleteOptions;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Deletes pods from nodes whose {@code NoExecute} taints they do not tolerate, or no longer: at once without a toleration,
 * after {@code tolerationSeconds} with one. While no node at all is ready it waits: then it is more likely that we were
 * cut off, or asleep, than that every node died, and there would be no place to go.
 */
public final class TaintEvictionController implements Controller, Reconciler {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ControllerContext world;
    private final EventRecorder events;
    private final Informer nodes;
    private final Informer pods;
    private final Loop loop;
    /** When we first saw a taint that does not say since when it is there. */
    private final Map<String, Instant> noticed = new ConcurrentHashMap<>();

    public TaintEvictionController(ControllerContext world, EventRecorder events) {
        this.world = world;
        this.events = events;
        this.loop = new Loop(world, "tainteviction", 1);
        this.nodes = loop.watches(
                Resources.NODES,
                (before, after) -> after != null && !(noExecute(after.object()).isEmpty() && before == null)
                        ? List.of(after.key())
                        : List.of());
        this.pods = loop.watches(
                Resources.PODS, (before, after) -> after != null && !after.isDeleting() ? tainted(after) : List.of());
        PodsOfNode.index(pods);
        loop.start(this);
    }

    /** The pod's node, if that has such taints. */
    private List<ObjectKey> tainted(Revision pod) {
        return nodes.get("", pod.object().string("spec", "nodeName")).stream()
                .filter(n -> !noExecute(n.object()).isEmpty())
                .map(Revision::key)
                .toList();
    }

    private static List<Unstructured> noExecute(Unstructured node) {
        return node.objects("spec", "taints").stream()
                .filter(t -> t.string("effect").equals("NoExecute"))
                .toList();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision node = nodes.get(key).orElse(null);
        List<Unstructured> taints = node == null ? List.of() : noExecute(node.object());
        if (node == null || taints.isEmpty()) {
            noticed.keySet().removeIf(k -> k.startsWith(key.name() + "/"));
            return Result.DONE;
        }
        Instant now = world.environment().clock().now();
        Instant next = Instant.MAX;
        for (Revision pod : PodsOfNode.of(pods, key.name())) {
            Optional<Instant> due = pod.isDeleting() ? Optional.empty() : due(pod.object(), taints, key.name(), now);
            if (due.isEmpty()) {
                continue;
            }
            if (due.get().isAfter(now)) {
                next = due.get().isBefore(next) ? due.get() : next;
            } else if (isAnyReady()) {
                evict(pod);
            } else {
                return Result.after(PATIENCE);
            }
        }
        return next.equals(Instant.MAX) ? Result.DONE : Result.after(Duration.between(now, next));
    }

    private boolean isAnyReady() {
        return nodes.list().stream().anyMatch(n -> Conditions.isTrue(n.object(), "Ready"));
    }

    /** When the pod must go: with the first taint whose toleration ends. */
    private Optional<Instant> due(Unstructured pod, List<Unstructured> taints, String node, Instant now) {
        Instant first = null;
        for (Unstructured taint : taints) {
            Instant since = taint.time("timeAdded")
                    .orElseGet(() -> noticed.computeIfAbsent(node + "/" + taint.string("key"), k -> now));
            Optional<Duration> tolerated = Tolerations.of(pod, taint);
            if (tolerated.isEmpty()) {
                continue;
            }
            Instant end = since.plus(tolerated.get());
            first = first == null || end.isBefore(first) ? end : first;
        }
        return Optional.ofNullable(first);
    }

    private void evict(Revision pod) {
        events.normal(pod.object(), "TaintManagerEviction", "Marking for deletion Pod " + pod.key());
        List<Unstructured> conditions = new ArrayList<>(pod.object().copy().objects("status", "conditions"));
        conditions.removeIf(c -> c.string("type").equals("DisruptionTarget"));
        conditions.add(new Unstructured(new LinkedHashMap<>())
                .set("DisruptionTarget", "type")
                .set("True", "status")
                .set("DeletionByTaintManager", "reason")
                .set("Taint manager: deleting due to NoExecute taint", "message")
                .set(Timestamps.format(world.environment().clock().now()), "lastTransitionTime"));
        try {
            world.client()
                    .patch(
                            Resources.PODS,
                            pod.namespace(),
                            pod.name(),
                            Patch.merge(
                                    new Unstructured(new LinkedHashMap<>()).set(conditions, "status", "conditions")),
                            WriteOptions.STATUS);
            world.client().delete(Resources.PODS, pod.namespace(), pod.name(), DeleteOptions.of(pod.uid()));
        } catch (StatusException e) {
            if (!e.isNotFound()) {
                throw e;
            }
        }
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
