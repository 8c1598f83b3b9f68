package dev.coracle.scheduler.plugin.interpodaffinity;

import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.PodTerm;
import dev.coracle.scheduler.framework.Snapshot;
import dev.coracle.scheduler.framework.Status;
import dev.coracle.scheduler.framework.Tally;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Three counts per domain: pods that the pod wants near, pods that it wants far, and pods that want it far. The first of a
 * set that wants its own kind near may go anywhere, or it would wait for itself.
 */
final class AffinityFilter implements NodeFilter {
    private static final Status ALONE = Status.unresolvable("node(s) didn't match pod affinity rules");
    private static final Status CROWDED = Status.unschedulable("node(s) didn't match pod anti-affinity rules");
    private static final Status UNWELCOME =
            Status.unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");

    private final PodInfo pod;
    private final Snapshot snapshot;
    private final Pairs wanted;
    private final Pairs shunned;
    private final Pairs shunning;

    /** The three counts, kept up for all pods alike. */
    static final class Counts extends Tally {
        private final PodInfo pod;
        private final Pairs wanted = new Pairs();
        private final Pairs shunned = new Pairs();
        private final Pairs shunning = new Pairs();
        private @Nullable Snapshot snapshot;

        Counts(PodInfo pod) {
            this.pod = pod;
        }

        /** @param now of which the filter is asked while nobody else's is */
        AffinityFilter filter(Snapshot now) {
            if (!now.sharesNamespaces(snapshot)) {
                restart();
            }
            snapshot = now;
            follow(now);
            return new AffinityFilter(pod, now, wanted, shunned, shunning);
        }

        @Override
        protected void clear() {
            wanted.clear();
            shunned.clear();
            shunning.clear();
        }

        @Override
        protected void count(NodeInfo node, int sign) {
            new AffinityFilter(pod, Objects.requireNonNull(snapshot), wanted, shunned, shunning).count(node, sign);
        }
    }

    private AffinityFilter(PodInfo pod, Snapshot snapshot, Pairs wanted, Pairs shunned, Pairs shunning) {
        this.pod = pod;
        this.snapshot = snapshot;
        this.wanted = wanted;
        this.shunned = shunned;
        this.shunning = shunning;
    }

    static NodeFilter of(Cycle cycle, Counts counts) {
        PodInfo pod = cycle.pod();
        Snapshot snapshot = cycle.snapshot();
        boolean choosy = !pod.affinity().isEmpty() || !pod.antiAffinity().isEmpty();
        if (!choosy && snapshot.affinePods() == 0) {
            // Who is to come may shun it.
            return snapshot.hasAffineNominated()
                    ? new AffinityFilter(pod, snapshot, new Pairs(), new Pairs(), new Pairs())
                    : PASS;
        }
        AffinityFilter filter = counts.filter(snapshot);
        return choosy || !filter.shunning.isEmpty() || snapshot.hasAffineNominated() ? filter : PASS;
    }

    private void count(NodeInfo node, int sign) {
        for (PodInfo there : node.affinePods()) {
            for (PodTerm t : there.antiAffinity()) {
                if (t.matches(pod, snapshot)) {
                    shunning.add(t, node, sign);
                }
            }
        }
        if (pod.affinity().isEmpty() && pod.antiAffinity().isEmpty()) {
            return;
        }
        for (PodInfo there : node.pods()) {
            if (matchesAll(there)) {
                wanted.addAll(pod.affinity(), node, sign);
            }
            for (PodTerm t : pod.antiAffinity()) {
                if (t.matches(there, snapshot)) {
                    shunned.add(t, node, sign);
                }
            }
        }
    }

    /** A pod is company only when it matches all of the terms at once. */
    private boolean matchesAll(PodInfo there) {
        List<PodTerm> terms = pod.affinity();
        for (PodTerm t : terms) {
            if (!t.matches(there, snapshot)) {
                return false;
            }
        }
        return !terms.isEmpty();
    }

    @Override
    public Status filter(NodeInfo node) {
        if (!isNear(node)) {
            return ALONE;
        }
        for (PodTerm t : pod.antiAffinity()) {
            if (shunned.has(t, node)) {
                return CROWDED;
            }
        }
        return shunning.hasAny(node) ? UNWELCOME : Status.OK;
    }

    private boolean isNear(NodeInfo node) {
        if (pod.affinity().isEmpty()) {
            return true;
        }
        boolean near = true;
        for (PodTerm t : pod.affinity()) {
            if (!node.labels().containsKey(t.topologyKey())) {
                return false;
            }
            near &= wanted.has(t, node);
        }
        return near || wanted.isEmpty() && matchesAll(pod);
    }

    @Override
    public NodeFilter supposing(NodeInfo before, NodeInfo after) {
        var supposed = new AffinityFilter(pod, snapshot, wanted.copy(), shunned.copy(), shunning.copy());
        supposed.count(before, -1);
        supposed.count(after, 1);
        return supposed;
    }
}
