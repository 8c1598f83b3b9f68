package dev.coracle.scheduler.plugin.interpodaffinity;

import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.PodTerm;
import dev.coracle.scheduler.framework.Snapshot;
import dev.coracle.scheduler.framework.Tally;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The weights of all preferences that a node's domains meet, the pod's own and those of pods there; less those of
 * preferences against it. Pods that require the pod's company count besides, {@code hardPodAffinityWeight}.
 */
final class AffinityScore implements NodeScore {
    private final Pairs weights;

    private AffinityScore(Pairs weights) {
        this.weights = weights;
    }

    /** The sums, kept up for all pods alike. */
    static final class Weights extends Tally {
        private final PodInfo pod;
        private final InterPodAffinity.Args args;
        private final Pairs weights = new Pairs();
        private @Nullable Snapshot snapshot;

        Weights(PodInfo pod, InterPodAffinity.Args args) {
            this.pod = pod;
            this.args = args;
        }

        /** Null when the pod has no preference, and nobody one about it. */
        @Nullable
        AffinityScore score(Snapshot now) {
            if (!isChoosy(pod) && (now.affinePods() == 0 || args.ignoresOthers())) {
                return null;
            }
            if (!now.sharesNamespaces(snapshot)) {
                restart();
            }
            snapshot = now;
            follow(now);
            return weights.isEmpty() ? null : new AffinityScore(weights);
        }

        @Override
        protected void clear() {
            weights.clear();
        }

        @Override
        protected void count(NodeInfo node, int sign) {
            for (PodInfo there : node.affinePods()) {
                if (args.hardWeight() > 0) {
                    add(there.affinity(), pod, node, sign, args.hardWeight());
                }
                add(there.preferredAffinity(), pod, node, sign, 0);
                add(there.preferredAntiAffinity(), pod, node, -sign, 0);
            }
            if (isChoosy(pod)) {
                for (PodInfo there : node.pods()) {
                    add(pod.preferredAffinity(), there, node, sign, 0);
                    add(pod.preferredAntiAffinity(), there, node, -sign, 0);
                }
            }
        }

        /** @param required what a required term counts, which has no weight of its own */
        private void add(List<PodTerm> terms, PodInfo other, NodeInfo node, int sign, long required) {
            for (PodTerm t : terms) {
                if (t.matches(other, Objects.requireNonNull(snapshot))) {
                    weights.add(t, node, sign * (t.weight() + required));
                }
            }
        }
    }

    private static boolean isChoosy(PodInfo pod) {
        return !pod.preferredAffinity().isEmpty()
                || !pod.preferredAntiAffinity().isEmpty();
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
