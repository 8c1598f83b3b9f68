package dev.coracle.scheduler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Why no node took a pod, in the words of {@code FailedScheduling}:
 *
 * <pre>{@code
 * 0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: 0/3 nodes are available:
 * 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.
 * }</pre>
 */
final class Diagnosis {
    private final Map<String, Integer> reasons = new TreeMap<>();
    private final Map<String, Integer> preemption = new TreeMap<>();
    private final int nodes;

    Diagnosis(int nodes) {
        this.nodes = nodes;
    }

    void add(Filters.Verdict verdict) {
        verdict.reasons().forEach(r -> reasons.merge(r, 1, Integer::sum));
        preemption.merge(
                verdict.resolvable()
                        ? "No preemption victims found for incoming pod"
                        : "Preemption is not helpful for scheduling",
                1,
                Integer::sum);
    }

    String message() {
        if (nodes == 0) {
            return "no nodes available to schedule pods";
        }
        return available(nodes, list(reasons)) + " preemption: " + available(nodes, list(preemption));
    }

    /** For a pod that cannot be scheduled whatever the node. */
    static String blocked(int nodes, String reason) {
        return available(nodes, reason) + " preemption: "
                + available(nodes, nodes + " Preemption is not helpful for scheduling");
    }

    private static String available(int nodes, String why) {
        return "0/" + nodes + " nodes are available: " + why + ".";
    }

    /** Sorted as text, the counts included, as upstream has it. */
    private static String list(Map<String, Integer> counts) {
        List<String> lines = new ArrayList<>();
        counts.forEach((reason, n) -> lines.add(n + " " + reason));
        lines.sort(Comparator.naturalOrder());
        return String.join(", ", lines);
    }
}
