package dev.coracle.controllers.node;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Removes for good the pods that no kubelet will ever report as ended: those of a node that is gone, and those being
 * deleted on a node that is down and that an administrator declared out of service. Pods being deleted on a node that is
 * only silent stay: it may be alive, and two pods of one identity must not run.
 */
public final class PodGarbageCollector implements Controller, Reconciler {
    /** A node may be registered anew under its name. */
    private static final Duration QUARANTINE = Duration.ofSeconds(40);

    private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

    private final ControllerContext world;
    private final Informer nodes;
    private final Informer pods;
    private final Loop loop;

    public PodGarbageCollector(ControllerContext world) {
        this.world = world;
        this.loop = new Loop(world, "podgc", 1);
        this.nodes = loop.watches(Resources.NODES, this::changed);
        this.pods = loop.watches(Resources.PODS, (before, after) -> affected(before == null, after));
        PodsOfNode.index(pods);
        loop.start(this);
    }

    private List<ObjectKey> changed(@Nullable Revision before, @Nullable Revision after) {
        if (after == null && before != null) {
            loop.addAfter(before.key(), QUARANTINE);
        }
        return after != null && isOutOfService(after.object()) ? List.of(after.key()) : List.of();
    }

    private List<ObjectKey> affected(boolean first, @Nullable Revision pod) {
        String name = pod == null ? "" : pod.object().string("spec", "nodeName");
        if (pod == null || name.isEmpty()) {
            return List.of();
        }
        ObjectKey key = new ObjectKey("", name);
        Revision node = nodes.get(key).orElse(null);
        if (node == null && (first || pod.isDeleting())) {
            loop.addAfter(key, QUARANTINE);
        }
        return node != null && pod.isDeleting() && isOutOfService(node.object()) ? List.of(key) : List.of();
    }

    private static boolean isOutOfService(Unstructured node) {
        boolean declared = node.objects("spec", "taints").stream()
                .anyMatch(t -> t.string("key").equals(OUT_OF_SERVICE));
        return declared && !Conditions.isTrue(node, "Ready");
    }

    @Override
    public Result reconcile(ObjectKey key) {
        // The copy may be behind.
        boolean gone = nodes.get(key).isEmpty()
                && Live.find(world.client(), Resources.NODES, "", key.name()).isEmpty();
        boolean out = nodes.get(key).map(n -> isOutOfService(n.object())).orElse(false);
        for (Revision pod : gone || out ? PodsOfNode.of(pods, key.name()) : List.<Revision>of()) {
            if (gone || pod.isDeleting()) {
                DeleteOptions now = new DeleteOptions(0, "", pod.uid(), "");
                Live.delete(world.client(), Resources.PODS, pod.object(), now);
            }
        }
        return Result.DONE;
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
