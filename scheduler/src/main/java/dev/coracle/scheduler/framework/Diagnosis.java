package dev.coracle.scheduler.framework;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why no node took a pod, in the words of {@code FailedScheduling}:
 *
 * <pre>{@code
 * 0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: 0/3 nodes are available:
 * 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.
 * }</pre>
 */
public final class Diagnosis {
    private final Map<String, Integer> reasons = new HashMap<>();
    private final int nodes;

    public Diagnosis(int nodes) {
        this.nodes = nodes;
    }

    public void add(Status status) {
        add(status, 1);
    }

    public void add(Status status, int times) {
        status.reasons().forEach(r -> reasons.merge(r, times, Diagnosis::sum));
    }

    /** Takes back what was added. */
    public void remove(Status status) {
        add(status, -1);
    }

    /** Null for none, so that it is not mentioned. */
    private static @Nullable Integer sum(int a, int b) {
        return a + b == 0 ? null : a + b;
    }

    public String message() {
        return nodes == 0 ? "no nodes available to schedule pods" : available(nodes, list(reasons));
    }

    /** For a pod that cannot be scheduled whatever the node. */
    public static String blocked(int nodes, String reason) {
        return available(nodes, reason);
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
