package dev.coracle.scheduler.plugin.interpodaffinity;

import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.PodTerm;
import dev.coracle.scheduler.framework.Snapshot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The weights of all preferences that a node's domains meet, the pod's own and those of pods there; less those of
 * preferences against it. Pods that require the pod's company count besides, {@code hardPodAffinityWeight}.
 */
final class AffinityScore implements NodeScore {
    private final Pairs weights = new Pairs();

    static @Nullable AffinityScore of(Cycle cycle, InterPodAffinity.Args args) {
        PodInfo pod = cycle.pod();
        Snapshot snapshot = cycle.snapshot();
        boolean choosy = !pod.preferredAffinity().isEmpty()
                || !pod.preferredAntiAffinity().isEmpty();
        if (!choosy && (snapshot.affinePods() == 0 || args.ignoresOthers())) {
            return null;
        }
        var score = new AffinityScore();
        for (NodeInfo n : snapshot.nodes()) {
            for (PodInfo there : n.affinePods()) {
                for (PodTerm t : there.affinity()) {
                    if (args.hardWeight() > 0 && t.matches(pod, snapshot)) {
                        score.weights.add(t, n, args.hardWeight());
                    }
                }
                score.add(there.preferredAffinity(), pod, n, 1, snapshot);
                score.add(there.preferredAntiAffinity(), pod, n, -1, snapshot);
            }
            if (choosy) {
                for (PodInfo there : n.pods()) {
                    score.add(pod.preferredAffinity(), there, n, 1, snapshot);
                    score.add(pod.preferredAntiAffinity(), there, n, -1, snapshot);
                }
            }
        }
        return score.weights.isEmpty() ? null : score;
    }

    private void add(List<PodTerm> terms, PodInfo other, NodeInfo node, int sign, Snapshot snapshot) {
        for (PodTerm t : terms) {
            if (t.matches(other, snapshot)) {
                weights.add(t, node, sign * t.weight());
            }
        }
    }

    @Override
    public long score(NodeInfo node) {
        return weights.sum(node);
    }

    @Override
    public void normalize(long[] scores) {
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (long s : scores) {
            min = Math.min(min, s);
            max = Math.max(max, s);
        }
        for (int i = 0; i < scores.length; i++) {
            scores[i] = max == min ? 0 : (long) (MAX * ((double) (scores[i] - min) / (max - min)));
        }
    }
}
