package dev.coracle.scheduler.framework;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts something over all nodes, and keeps up with them: between two snapshots few nodes differ, and the others are the
 * same objects.
 */
public abstract class Tally {
    private static final NodeInfo[] NONE = {};

    private NodeInfo[] counted = NONE;
    private @Nullable Snapshot last;

    /** Forgets all that was counted. */
    protected abstract void clear();

    /** @param sign 1 for a node as it is now, -1 for one as it was */
    protected abstract void count(NodeInfo node, int sign);

    /** Brings the counts to what the nodes are now. */
    protected final void follow(Snapshot snapshot) {
        Snapshot before = last;
        if (before == snapshot) {
            return;
        }
        // Whatever happens on the way: half a difference is nothing to go on from.
        last = null;
        List<NodeInfo> nodes = snapshot.nodes();
        if (before == null || !snapshot.changesSince(before, place -> recount(place, nodes.get(place)))) {
            if (!isDifference(nodes)) {
                clear();
                counted = nodes.toArray(NONE);
                for (NodeInfo n : counted) {
                    count(n, 1);
                }
            }
        }
        last = snapshot;
    }

    /** Counts everything anew the next time. */
    protected final void restart() {
        last = null;
        counted = NONE;
    }

    /** False when they are others, or in another order. */
    private boolean isDifference(List<NodeInfo> nodes) {
        if (counted.length != nodes.size()) {
            return false;
        }
        for (int i = 0; i < counted.length; i++) {
            NodeInfo now = nodes.get(i);
            if (counted[i] != now) {
                if (!counted[i].name().equals(now.name())) {
                    return false;
                }
                recount(i, now);
            }
        }
        return true;
    }

    private void recount(int place, NodeInfo now) {
        NodeInfo was = counted[place];
        if (was != now) {
            count(was, -1);
            count(now, 1);
            counted[place] = now;
        }
    }
}
