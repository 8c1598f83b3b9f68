package dev.coracle.scheduler.plugin.podtopologyspread;

import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Snapshot;
import dev.coracle.scheduler.framework.Tally;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The fewer pods of the set a node's domains have, the better. Counts of a topology with many domains weigh more (by the
 * logarithm of their number), since there each is small.
 */
final class SpreadScore implements NodeScore {
    private static final String HOSTNAME = "kubernetes.io/hostname";
    private static final long IGNORED = -1;

    private final List<Constraint> constraints;
    private final boolean allRequired;
    private final List<Domains> counts;
    private final double[] weights;

    private SpreadScore(
            List<NodeInfo> feasible, List<Constraint> constraints, boolean allRequired, List<Domains> counts) {
        this.constraints = constraints;
        this.allRequired = allRequired;
        this.counts = counts;
        this.weights = new double[constraints.size()];
        List<Set<String>> domains =
                constraints.stream().<Set<String>>map(c -> new HashSet<>()).toList();
        int considered = 0;
        for (NodeInfo n : feasible) {
            if (isIgnored(n, constraints, allRequired)) {
                continue;
            }
            considered++;
            for (int i = 0; i < weights.length; i++) {
                Constraint c = constraints.get(i);
                if (!c.topologyKey().equals(HOSTNAME)) {
                    domains.get(i).add(n.labels().getOrDefault(c.topologyKey(), ""));
                }
            }
        }
        for (int i = 0; i < weights.length; i++) {
            boolean perNode = constraints.get(i).topologyKey().equals(HOSTNAME);
            weights[i] = Math.log((perNode ? considered : domains.get(i).size()) + 2.0);
        }
    }

    /** The counts of all topologies but the nodes themselves, kept up for all pods alike. */
    static final class Counts extends Tally {
        private final PodInfo pod;
        private final List<Constraint> constraints;
        private final boolean allRequired;
        private final List<Domains> domains;

        /** @param allRequired whether nodes that lack the label of any constraint are left out */
        Counts(PodInfo pod, List<Constraint> constraints, boolean allRequired) {
            this.pod = pod;
            this.constraints = constraints;
            this.allRequired = allRequired;
            this.domains = constraints.stream().map(c -> new Domains()).toList();
        }

        /** @param now of which the score is asked while nobody else's is */
        SpreadScore score(Snapshot now, List<NodeInfo> feasible) {
            follow(now);
            return new SpreadScore(feasible, constraints, allRequired, domains);
        }

        @Override
        protected void clear() {
            domains.forEach(Domains::clear);
        }

        @Override
        protected void count(NodeInfo node, int sign) {
            if (isIgnored(node, constraints, allRequired)) {
                return;
            }
            for (int i = 0; i < constraints.size(); i++) {
                Constraint c = constraints.get(i);
                String domain = node.labels().get(c.topologyKey());
                if (domain != null && !c.topologyKey().equals(HOSTNAME) && c.includes(pod, node)) {
                    domains.get(i).add(domain, c.count(node), sign);
                }
            }
        }
    }

    private static boolean isIgnored(NodeInfo n, List<Constraint> constraints, boolean allRequired) {
        return allRequired && !Constraint.allKnown(constraints, n.labels());
    }

    @Override
    public long score(NodeInfo node) {
        if (isIgnored(node, constraints, allRequired)) {
            return IGNORED;
        }
        double score = 0;
        for (int i = 0; i < weights.length; i++) {
            Constraint c = constraints.get(i);
            String domain = node.labels().get(c.topologyKey());
            if (domain != null) {
                int n = c.topologyKey().equals(HOSTNAME)
                        ? c.count(node)
                        : counts.get(i).pods(domain);
                score += n * weights[i] + (c.maxSkew() - 1);
            }
        }
        return Math.round(score);
    }

    @Override
    public void normalize(long[] scores) {
        long min = Long.MAX_VALUE;
        long max = 0;
        for (long s : scores) {
            if (s != IGNORED) {
                min = Math.min(min, s);
                max = Math.max(max, s);
            }
        }
        for (int i = 0; i < scores.length; i++) {
            if (scores[i] == IGNORED) {
                scores[i] = 0;
            } else {
                scores[i] = max == 0 ? MAX : MAX * (max + min - scores[i]) / max;
            }
        }
    }
}
