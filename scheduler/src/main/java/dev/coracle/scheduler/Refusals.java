package dev.coracle.scheduler;

import dev.coracle.scheduler.framework.Diagnosis;
import dev.coracle.scheduler.framework.Filtering;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Snapshot;
import dev.coracle.scheduler.framework.Status;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Why every node refused the pods of one kind. The next of them that comes has only those nodes asked that changed since: of
 * a thousand pods that fit nowhere, 999 learn so without a look at all nodes.
 */
final class Refusals {
    private final Map<String, Status> byNode;
    private final Diagnosis diagnosis;
    private final Map<String, Integer> plugins = new HashMap<>();
    private Snapshot asked;
    /** Where the last pod was itself to come: the node's answer to it is nobody else's. */
    private BitSet stale = new BitSet();

    Refusals(PodInfo pod, Snapshot asked, Map<String, Status> byNode) {
        this.asked = asked;
        asked.placeOf(asked.nominatedNode(pod)).ifPresent(stale::set);
        this.byNode = byNode;
        this.diagnosis = new Diagnosis(byNode.size());
        byNode.values().forEach(s -> count(s, 1));
    }

    /** Brings them to what the pod is told now; false when a node may have it, and then they are of no use any more. */
    boolean follow(PodInfo pod, Snapshot now, Filtering filtering) {
        BitSet changed = stale;
        if (asked != now && !now.changesSince(asked, changed::set)) {
            return false;
        }
        asked = now;
        stale = new BitSet();
        List<NodeInfo> nodes = now.nodes();
        now.placeOf(now.nominatedNode(pod)).ifPresent(place -> {
            changed.set(place);
            stale.set(place);
        });
        for (int i = changed.nextSetBit(0); i >= 0; i = changed.nextSetBit(i + 1)) {
            NodeInfo node = nodes.get(i);
            Status status = filtering.filterWithNominated(node);
            if (status.fits()) {
                return false;
            }
            Status before = byNode.put(node.name(), status);
            if (before != null) {
                count(before, -1);
            }
            count(status, 1);
        }
        return true;
    }

    private void count(Status status, int sign) {
        diagnosis.add(status, sign);
        plugins.merge(status.plugin(), sign, (a, b) -> a + b == 0 ? null : a + b);
    }

    Map<String, Status> byNode() {
        return Collections.unmodifiableMap(byNode);
    }

    String message() {
        return diagnosis.message();
    }

    Set<String> plugins() {
        return new HashSet<>(plugins.keySet());
    }
}
