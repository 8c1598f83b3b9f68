package dev.coracle.scheduler.plugin.podtopologyspread;

import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts per constraint and domain, and the smallest count. A node does when with the pod its domain would not exceed the
 * smallest by more than {@code maxSkew}; the smallest is 0 as long as there are fewer than {@code minDomains} domains.
 */
final class SpreadFilter implements NodeFilter {
    private static final Status SKEWED = Status.unschedulable("node(s) didn't match pod topology spread constraints");
    private static final Status NO_LABEL =
            Status.unresolvable("node(s) didn't match pod topology spread constraints (missing required label)");

    private final PodInfo pod;
    private final List<Constraint> constraints;
    private final List<Map<String, Integer>> counts;
    private final int[] smallest;

    private SpreadFilter(PodInfo pod, List<Constraint> constraints, List<Map<String, Integer>> counts) {
        this.pod = pod;
        this.constraints = constraints;
        this.counts = counts;
        this.smallest = new int[constraints.size()];
        for (int i = 0; i < smallest.length; i++) {
            Map<String, Integer> domains = counts.get(i);
            int min = Integer.MAX_VALUE;
            for (int n : domains.values()) {
                min = Math.min(min, n);
            }
            smallest[i] = domains.size() < constraints.get(i).minDomains() || domains.isEmpty() ? 0 : min;
        }
    }

    static SpreadFilter of(Cycle cycle, List<Constraint> constraints) {
        List<Map<String, Integer>> counts = new ArrayList<>();
        constraints.forEach(c -> counts.add(new HashMap<>()));
        for (NodeInfo n : cycle.snapshot().nodes()) {
            if (!Constraint.allKnown(constraints, n.labels())) {
                continue;
            }
            for (int i = 0; i < constraints.size(); i++) {
                Constraint c = constraints.get(i);
                if (c.includes(cycle.pod(), n)) {
                    counts.get(i).merge(domain(c, n), c.count(n), Integer::sum);
                }
            }
        }
        return new SpreadFilter(cycle.pod(), constraints, counts);
    }

    private static String domain(Constraint c, NodeInfo n) {
        return n.labels().getOrDefault(c.topologyKey(), "");
    }

    @Override
    public Status filter(NodeInfo node) {
        for (int i = 0; i < smallest.length; i++) {
            Constraint c = constraints.get(i);
            String domain = node.labels().get(c.topologyKey());
            if (domain == null) {
                return NO_LABEL;
            }
            int self = c.countsItself(pod) ? 1 : 0;
            if (counts.get(i).getOrDefault(domain, 0) + self - smallest[i] > c.maxSkew()) {
                return SKEWED;
            }
        }
        return Status.OK;
    }

    @Override
    public NodeFilter supposing(NodeInfo before, NodeInfo after) {
        if (!Constraint.allKnown(constraints, after.labels())) {
            return this;
        }
        List<Map<String, Integer>> supposed = new ArrayList<>(counts);
        boolean differs = false;
        for (int i = 0; i < constraints.size(); i++) {
            Constraint c = constraints.get(i);
            int difference = c.count(after) - c.count(before);
            if (difference != 0 && c.includes(pod, after)) {
                Map<String, Integer> copy = new HashMap<>(counts.get(i));
                copy.merge(domain(c, after), difference, Integer::sum);
                supposed.set(i, copy);
                differs = true;
            }
        }
        return differs ? new SpreadFilter(pod, constraints, supposed) : this;
    }
}
