package dev.coracle.scheduler.plugin.interpodaffinity;

import dev.coracle.machinery.object.Resources;
import dev.coracle.scheduler.config.Fields;
import dev.coracle.scheduler.framework.Alike;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.Memo;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.PodTerm;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Anti-affinity works both ways: a pod that wants to be alone keeps out those that do not mind it. */
public final class InterPodAffinity implements Plugin.Filters, Plugin.Scores {
    /**
     * @param hardWeight what a pod that requires the company of another counts for it
     * @param ignoresOthers whether pods without preferences of their own are not scored by those of others
     */
    public record Args(long hardWeight, boolean ignoresOthers) {
        public static final Args DEFAULT = new Args(1, false);

        public static Args of(Fields fields) {
            return new Args(
                    fields.within("hardPodAffinityWeight", 1, 0, 100, "not in valid range [0, 100]"),
                    fields.bool("ignorePreferredTermsOfExistingPods", false));
        }
    }

    /** What the terms of other pods look at is part of it. */
    private record Kind(Alike spec, String namespace, Map<String, String> labels) {
        static @Nullable Kind of(PodInfo pod) {
            Alike spec = pod.alike();
            return spec == null ? null : new Kind(spec, pod.namespace(), pod.labels());
        }
    }

    private final Args args;
    private final Memo<Kind, AffinityFilter.Counts> counts = new Memo<>();
    private final Memo<Kind, AffinityScore.Weights> weights = new Memo<>();

    public InterPodAffinity(Args args) {
        this.args = args;
    }

    @Override
    public String name() {
        return "InterPodAffinity";
    }

    @Override
    public NodeFilter preFilter(Cycle cycle) {
        Kind kind = Kind.of(cycle.pod());
        return AffinityFilter.of(
                cycle,
                kind == null
                        ? new AffinityFilter.Counts(cycle.pod())
                        : counts.of(kind, k -> new AffinityFilter.Counts(cycle.pod())));
    }

    @Override
    public @Nullable NodeScore preScore(Cycle cycle, List<NodeInfo> feasible) {
        Kind kind = Kind.of(cycle.pod());
        return (kind == null
                        ? new AffinityScore.Weights(cycle.pod(), args)
                        : weights.of(kind, k -> new AffinityScore.Weights(cycle.pod(), args)))
                .score(cycle.snapshot());
    }

    @Override
    public boolean isLocal() {
        return false;
    }

    /**
     * The company a pod waits for came; or one left that it shuns or is shunned by, in whose domain there may be other
     * nodes. Namespaces are not looked at: they may have changed since.
     */
    @Override
    public boolean isHelpedBy(PodInfo pod, ClusterEvent event) {
        return switch (event) {
            case ClusterEvent.NodeChanged n -> true;
            case ClusterEvent.PodMoved moved ->
                concerns(pod.affinity(), moved.pod())
                        || concerns(pod.antiAffinity(), moved.pod())
                        || concerns(moved.pod().antiAffinity(), pod);
            case ClusterEvent.ObjectChanged o -> o.resource().equals(Resources.NAMESPACES);
        };
    }

    private static boolean concerns(List<PodTerm> terms, PodInfo other) {
        return terms.stream().anyMatch(t -> t.selector() != null && t.selector().matches(other.labels()));
    }
}
