package dev.coracle.scheduler.plugin.interpodaffinity;

import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.PodTerm;
import dev.coracle.scheduler.framework.Snapshot;
import dev.coracle.scheduler.framework.Status;
import java.util.List;

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

    private AffinityFilter(PodInfo pod, Snapshot snapshot, Pairs wanted, Pairs shunned, Pairs shunning) {
        this.pod = pod;
        this.snapshot = snapshot;
        this.wanted = wanted;
        this.shunned = shunned;
        this.shunning = shunning;
    }

    static NodeFilter of(Cycle cycle) {
        PodInfo pod = cycle.pod();
        Snapshot snapshot = cycle.snapshot();
        boolean choosy = !pod.affinity().isEmpty() || !pod.antiAffinity().isEmpty();
        var filter = new AffinityFilter(pod, snapshot, new Pairs(), new Pairs(), new Pairs());
        if (choosy || snapshot.affinePods() > 0) {
            for (NodeInfo n : snapshot.nodes()) {
                filter.count(n, 1);
            }
        }
        // Who is to come may shun it too.
        return choosy || !filter.shunning.isEmpty() || snapshot.hasNominated() ? filter : PASS;
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
