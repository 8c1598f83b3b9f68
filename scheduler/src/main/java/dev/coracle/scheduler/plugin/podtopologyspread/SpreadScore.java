package dev.coracle.scheduler.plugin.podtopologyspread;

import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The fewer pods of the set a node's domains have, the better. Counts of a topology with many domains weigh more (by the
 * logarithm of their number), since there each is small.
 */
final class SpreadScore implements NodeScore {
    private static final String HOSTNAME = "kubernetes.io/hostname";
    private static final long IGNORED = -1;

    private final List<Constraint> constraints;
    private final boolean allRequired;
    private final List<Map<String, Integer>> counts = new ArrayList<>();
    private final double[] weights;

    /** @param allRequired whether nodes that lack the label of any constraint are left out */
    SpreadScore(Cycle cycle, List<NodeInfo> feasible, List<Constraint> constraints, boolean allRequired) {
        this.constraints = constraints;
        this.allRequired = allRequired;
        this.weights = new double[constraints.size()];
        constraints.forEach(c -> counts.add(new HashMap<>()));
        int considered = 0;
        for (NodeInfo n : feasible) {
            if (isIgnored(n)) {
                continue;
            }
            considered++;
            for (int i = 0; i < weights.length; i++) {
                Constraint c = constraints.get(i);
                if (!c.topologyKey().equals(HOSTNAME)) {
                    counts.get(i).putIfAbsent(n.labels().getOrDefault(c.topologyKey(), ""), 0);
                }
            }
        }
        for (int i = 0; i < weights.length; i++) {
            boolean perNode = constraints.get(i).topologyKey().equals(HOSTNAME);
            weights[i] = Math.log((perNode ? considered : counts.get(i).size()) + 2.0);
        }
        for (NodeInfo n : cycle.snapshot().nodes()) {
            if (!isIgnored(n)) {
                count(cycle, n);
            }
        }
    }

    private void count(Cycle cycle, NodeInfo n) {
        for (int i = 0; i < weights.length; i++) {
            Constraint c = constraints.get(i);
            if (c.includes(cycle.pod(), n)) {
                counts.get(i)
                        .computeIfPresent(
                                n.labels().getOrDefault(c.topologyKey(), ""), (domain, all) -> all + c.count(n));
            }
        }
    }

    private boolean isIgnored(NodeInfo n) {
        return allRequired && !Constraint.allKnown(constraints, n.labels());
    }

    @Override
    public long score(NodeInfo node) {
        if (isIgnored(node)) {
            return IGNORED;
        }
        double score = 0;
        for (int i = 0; i < weights.length; i++) {
            Constraint c = constraints.get(i);
            String domain = node.labels().get(c.topologyKey());
            if (domain != null) {
                int n = c.topologyKey().equals(HOSTNAME)
                        ? c.count(node)
                        : counts.get(i).getOrDefault(domain, 0);
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
