package dev.coracle.controllers.nodeipam;

import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.ControllersConfig;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One range of each cluster range for each node that has none. What is taken is read from the nodes each time, so a
 * restart forgets nothing, and a deleted node's range is free; only what was given and is not yet seen is remembered. The
 * search goes on where the last one ended, so that a range that became free is the last to be used again.
 */
public final class NodeIpamController implements Controller, Reconciler {
    /** For one that found nothing; a node that goes wakes it before. */
    private static final Duration AGAIN = Duration.ofMinutes(1);

    private final Client client;
    private final EventRecorder events;
    private final ControllersConfig.NodeRanges ranges;
    private final Informer nodes;
    private final Loop loop;
    /** By node; the queue's one worker's, as is what follows. */
    private final Map<ObjectKey, List<String>> given = new HashMap<>();

    private final int[] next;

    public NodeIpamController(ControllerContext world, EventRecorder events) {
        this.client = world.client();
        this.events = events;
        this.ranges = world.config().ranges();
        this.next = new int[ranges.cluster().size()];
        this.loop = new Loop(world, "noderesourceupdater", 1);
        this.nodes = loop.reconciles(Resources.NODES);
        // Whoever waits for a range may have the one that a node leaves.
        loop.watches(Resources.NODES, (before, after) -> after == null ? waiting() : List.of());
        loop.start(this);
    }

    private List<ObjectKey> waiting() {
        return nodes.list().stream()
                .filter(n -> of(n.object()).isEmpty())
                .map(Revision::key)
                .toList();
    }

    private static List<String> of(Unstructured node) {
        return node.stringList("spec", "podCIDRs");
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured node = nodes.get(key).map(Revision::object).orElse(null);
        if (node == null || !of(node).isEmpty()) {
            given.remove(key);
            return Result.DONE;
        }
        if (ranges.cluster().isEmpty() || node.isDeleting()) {
            return Result.DONE;
        }
        // One whose answer was lost gets the same again: it may have it already.
        Optional<List<String>> mine = Optional.ofNullable(given.get(key)).or(this::allocate);
        if (mine.isEmpty()) {
            tell(node, "CIDRNotAvailable");
            return Result.after(AGAIN);
        }
        given.put(key, mine.get());
        try {
            client.patch(
                    Resources.NODES,
                    "",
                    node.name(),
                    Patch.strategic(new Unstructured(new LinkedHashMap<>())
                            // Not another one's of this name.
                            .set(node.uid(), "metadata", "uid")
                            .set(mine.get().getFirst(), "spec", "podCIDR")
                            .set(mine.get(), "spec", "podCIDRs")),
                    WriteOptions.DEFAULT);
        } catch (StatusException e) {
            if (e.isNotFound() || e.isConflict()) {
                given.remove(key);
            } else {
                tell(node, "CIDRAssignmentFailed");
            }
            throw e;
        }
        return Result.DONE;
    }

    /** The next of each cluster range that is free; nothing if one of them has none. */
    private Optional<List<String>> allocate() {
        List<String> taken = new ArrayList<>(ranges.reserved());
        nodes.list().forEach(n -> taken.addAll(of(n.object())));
        given.values().forEach(taken::addAll);
        List<String> found = new ArrayList<>();
        for (int i = 0; i < next.length; i++) {
            ClusterRange range = ranges.cluster().get(i);
            BitSet bits = range.taken(taken);
            int free = bits.nextClearBit(next[i]);
            if (free >= range.size()) {
                free = bits.nextClearBit(0);
            }
            if (free >= range.size()) {
                return Optional.empty();
            }
            next[i] = (free + 1) % range.size();
            found.add(range.cidr(free));
        }
        return Optional.of(List.copyOf(found));
    }

    private void tell(Unstructured node, String reason) {
        events.normal(node, reason, "Node " + node.name() + " status is now: " + reason);
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
