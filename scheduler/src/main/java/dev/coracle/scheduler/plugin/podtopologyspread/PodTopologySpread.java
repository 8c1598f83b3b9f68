package dev.coracle.scheduler.plugin.podtopologyspread;

import dev.coracle.client.Informers;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Alike;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.Memo;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.PodQuery;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code DoNotSchedule} rules nodes out, {@code ScheduleAnyway} is a preference. Pods without constraints have those of
 * {@link PodTopologySpreadArgs}: by default they are spread, as a preference, over nodes and, less eagerly, over zones.
 */
public final class PodTopologySpread implements Plugin.Filters, Plugin.Scores {
    /** The constraints too, since those that are not the pod's own come from elsewhere. */
    private record Question(Alike kind, List<Constraint> constraints) {}

    private final PodTopologySpreadArgs args;
    private final Memo<Question, SpreadFilter.Counts> filters = new Memo<>();
    private final Memo<Question, SpreadScore.Counts> scores = new Memo<>();
    private final DefaultSelectors defaults;

    public PodTopologySpread(PodTopologySpreadArgs args, Informers informers) {
        this.args = args;
        this.defaults = new DefaultSelectors(
                informers.of(Resources.SERVICES),
                informers.of(Resources.REPLICATION_CONTROLLERS),
                informers.of(Resources.REPLICA_SETS),
                informers.of(Resources.STATEFUL_SETS));
    }

    @Override
    public String name() {
        return "PodTopologySpread";
    }

    @Override
    public boolean synced() {
        return defaults.synced();
    }

    @Override
    public String remedy(PodInfo pod, NodeInfo node) {
        for (Constraint c : constraints(pod, "DoNotSchedule")) {
            if (!node.labels().containsKey(c.topologyKey())) {
                return "the label " + c.topologyKey() + " on the node";
            }
        }
        return "a higher maxSkew, or whenUnsatisfiable: ScheduleAnyway";
    }

    @Override
    public NodeFilter preFilter(Cycle cycle) {
        List<Constraint> constraints = constraints(cycle.pod(), "DoNotSchedule");
        if (constraints.isEmpty()) {
            return NodeFilter.PASS;
        }
        Alike kind = cycle.pod().alike();
        return (kind == null
                        ? new SpreadFilter.Counts(cycle.pod(), constraints)
                        : filters.of(
                                new Question(kind, constraints),
                                q -> new SpreadFilter.Counts(cycle.pod(), constraints)))
                .filter(cycle.snapshot(), cycle.pod());
    }

    @Override
    public @Nullable NodeScore preScore(Cycle cycle, List<NodeInfo> feasible) {
        List<Constraint> constraints = constraints(cycle.pod(), "ScheduleAnyway");
        if (constraints.isEmpty()) {
            return null;
        }
        boolean allRequired = hasOwn(cycle.pod()) || !args.system();
        Alike kind = cycle.pod().alike();
        return (kind == null
                        ? new SpreadScore.Counts(cycle.pod(), constraints, allRequired)
                        : scores.of(
                                new Question(kind, constraints),
                                q -> new SpreadScore.Counts(cycle.pod(), constraints, allRequired)))
                .score(cycle.snapshot(), feasible);
    }

    private List<Constraint> constraints(PodInfo pod, String when) {
        if (hasOwn(pod)) {
            return Constraint.of(pod, when);
        }
        List<Unstructured> general = args.when(when);
        PodQuery query = general.isEmpty() ? null : defaults.of(pod);
        return query == null
                ? List.of()
                : general.stream().map(c -> Constraint.of(c, query)).toList();
    }

    private static boolean hasOwn(PodInfo pod) {
        return !pod.pod().objects("spec", "topologySpreadConstraints").isEmpty();
    }

    @Override
    public boolean isLocal() {
        return false;
    }

    /** A pod of the set that came or went anywhere may have changed the smallest count; so may a node. */
    @Override
    public boolean isHelpedBy(PodInfo pod, ClusterEvent event) {
        return switch (event) {
            case ClusterEvent.NodeChanged n -> true;
            case ClusterEvent.PodMoved moved ->
                moved.pod().namespace().equals(pod.namespace())
                        && constraints(pod, "DoNotSchedule").stream().anyMatch(c -> c.countsItself(moved.pod()));
            case ClusterEvent.ObjectChanged o -> false;
        };
    }
}
