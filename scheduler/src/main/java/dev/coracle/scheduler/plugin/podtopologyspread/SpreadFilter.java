package dev.coracle.scheduler.plugin.podtopologyspread;

import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Snapshot;
import dev.coracle.scheduler.framework.Status;
import dev.coracle.scheduler.framework.Tally;
import java.util.ArrayList;
import java.util.List;

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
    private final List<Domains> counts;
    private final int[] smallest;

    private SpreadFilter(PodInfo pod, List<Constraint> constraints, List<Domains> counts) {
        this.pod = pod;
        this.constraints = constraints;
        this.counts = counts;
        this.smallest = new int[constraints.size()];
        for (int i = 0; i < smallest.length; i++) {
            Domains domains = counts.get(i);
            smallest[i] = domains.size() < constraints.get(i).minDomains() ? 0 : domains.smallest();
        }
    }

    /** The counts, kept up for all pods alike. */
    static final class Counts extends Tally {
        private final PodInfo pod;
        private final List<Constraint> constraints;
        private final List<Domains> domains;

        Counts(PodInfo pod, List<Constraint> constraints) {
            this.pod = pod;
            this.constraints = constraints;
            this.domains = constraints.stream().map(c -> new Domains()).toList();
        }

        /**
         * @param now of which the filter is asked while nobody else's is
         * @param asking has its own labels, by which it may count itself
         */
        SpreadFilter filter(Snapshot now, PodInfo asking) {
            follow(now);
            return new SpreadFilter(asking, constraints, domains);
        }

        @Override
        protected void clear() {
            domains.forEach(Domains::clear);
        }

        @Override
        protected void count(NodeInfo node, int sign) {
            if (!Constraint.allKnown(constraints, node.labels())) {
                return;
            }
            for (int i = 0; i < constraints.size(); i++) {
                Constraint c = constraints.get(i);
                if (c.includes(pod, node)) {
                    domains.get(i).add(domain(c, node), c.count(node), sign);
                }
            }
        }
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
            if (counts.get(i).pods(domain) + self - smallest[i] > c.maxSkew()) {
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
        List<Domains> supposed = new ArrayList<>(counts);
        boolean differs = false;
        for (int i = 0; i < constraints.size(); i++) {
            Constraint c = constraints.get(i);
            int difference = c.count(after) - c.count(before);
            if (difference != 0 && c.includes(pod, after)) {
                supposed.set(i, counts.get(i).supposing(domain(c, after), difference));
                differs = true;
            }
        }
        return differs ? new SpreadFilter(pod, constraints, supposed) : this;
    }
}
