package dev.coracle.controllers.node;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Informer;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;

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
    private final KeyedWorkQueue<ObjectKey> queue;

    public PodGarbageCollector(ControllerContext world) {
        this.world = world;
        this.nodes = world.informers().of(Resources.NODES);
        this.pods = world.informers().of(Resources.PODS);
        this.queue = new KeyedWorkQueue<>(world.environment(), "podgc", 1, this::reconcile);
        PodsOfNode.index(pods);
        nodes.handle((before, after) -> {
            if (after == null && before != null) {
                queue.addAfter(before.key(), QUARANTINE);
            } else if (after != null && isOutOfService(after.object())) {
                queue.add(after.key());
            }
        });
        pods.handle((before, after) -> wake(before == null, after));
    }

    private void wake(boolean first, @org.jspecify.annotations.Nullable Revision pod) {
        String name = pod == null ? "" : pod.object().string("spec", "nodeName");
        if (pod == null || name.isEmpty()) {
            return;
        }
        ObjectKey node = new ObjectKey("", name);
        var known = nodes.get(node);
        if (known.isEmpty() && (first || pod.isDeleting())) {
            queue.addAfter(node, QUARANTINE);
        } else if (pod.isDeleting()
                && known.isPresent()
                && isOutOfService(known.get().object())) {
            queue.add(node);
        }
    }

    private static boolean isOutOfService(Unstructured node) {
        boolean declared = node.objects("spec", "taints").stream()
                .anyMatch(t -> t.string("key").equals(OUT_OF_SERVICE));
        return declared
                && node.objects("status", "conditions").stream()
                        .noneMatch(c -> c.string("type").equals("Ready")
                                && c.string("status").equals("True"));
    }

    @Override
    public Result reconcile(ObjectKey key) {
        boolean gone = nodes.get(key).isEmpty() && isGone(key.name());
        boolean out = nodes.get(key).map(n -> isOutOfService(n.object())).orElse(false);
        for (Revision pod : gone || out ? PodsOfNode.of(pods, key.name()) : java.util.List.<Revision>of()) {
            if (gone || pod.isDeleting()) {
                remove(pod);
            }
        }
        return Result.DONE;
    }

    /** Asks the server: the copy may be behind. */
    private boolean isGone(String node) {
        try {
            world.client().get(Resources.NODES, "", node);
            return false;
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return true;
            }
            throw e;
        }
    }

    private void remove(Revision pod) {
        try {
            world.client().delete(Resources.PODS, pod.namespace(), pod.name(), new DeleteOptions(0, "", pod.uid(), ""));
        } catch (StatusException e) {
            if (!e.isNotFound() && !e.isConflict()) {
                throw e;
            }
        }
    }

    @Override
    public WorkQueue<?> queue() {
        return queue;
    }
}
