package dev.coracle.scheduler.framework;

import java.util.List;

/**
 * Counts something over all nodes, and keeps up with them: between two snapshots few nodes differ, and the others are the
 * same objects.
 */
public abstract class Tally {
    private static final NodeInfo[] NONE = {};

    private NodeInfo[] counted = NONE;

    /** Forgets all that was counted. */
    protected abstract void clear();

    /** @param sign 1 for a node as it is now, -1 for one as it was */
    protected abstract void count(NodeInfo node, int sign);

    /** Brings the counts to what the nodes are now. */
    protected final void follow(List<NodeInfo> nodes) {
        NodeInfo[] before = counted;
        // Whatever happens on the way: half a difference is nothing to go on from.
        counted = NONE;
        if (before.length == nodes.size() && difference(before, nodes)) {
            counted = before;
            return;
        }
        clear();
        NodeInfo[] now = nodes.toArray(NONE);
        for (NodeInfo n : now) {
            count(n, 1);
        }
        counted = now;
    }

    /** Counts everything anew the next time. */
    protected final void restart() {
        counted = NONE;
    }

    /** False when they are others, or in another order. */
    private boolean difference(NodeInfo[] before, List<NodeInfo> nodes) {
        for (int i = 0; i < before.length; i++) {
            NodeInfo was = before[i];
            NodeInfo is = nodes.get(i);
            if (was != is) {
                if (!was.name().equals(is.name())) {
                    return false;
                }
                count(was, -1);
                count(is, 1);
                before[i] = is;
            }
        }
        return true;
    }
}
