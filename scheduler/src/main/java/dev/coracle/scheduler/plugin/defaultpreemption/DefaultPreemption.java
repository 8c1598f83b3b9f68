package dev.coracle.scheduler.plugin.defaultpreemption;

import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.config.Fields;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.Diagnosis;
import dev.coracle.scheduler.framework.Filtering;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds the node where the fewest and least important pods would have to go for the pod to fit. It decides only; victims
 * are deleted by the scheduler. On each node all pods of lower priority are supposed away; then as many as possible are
 * let back, those whose PodDisruptionBudget would be broken first, the more important before the less. That is tried once for
 * pods alike, until the node or the budgets are others ({@link Filtering#keep}).
 */
public final class DefaultPreemption implements Plugin.PostFilters {
    private static final String NO_VICTIMS = "No preemption victims found for incoming pod";
    private static final String NOT_HELPFUL = "Preemption is not helpful for scheduling";

    /** Higher priority first, then the longer running. */
    private static final Comparator<PodInfo> MORE_IMPORTANT =
            Comparator.comparingLong(PodInfo::priority).reversed().thenComparing(PodInfo::startTime);

    /** Of how many nodes with victims the best is sought, at least: so many percent of all, and so many. */
    public record Args(long percentage, long absolute) {
        public static final Args DEFAULT = new Args(10, 100);

        public static Args of(Fields fields) {
            String percentage = "minCandidateNodesPercentage";
            String absolute = "minCandidateNodesAbsolute";
            var args = new Args(
                    fields.within(percentage, 10, 0, 100, "not in valid range [0, 100]"),
                    fields.within(absolute, 100, 0, Integer.MAX_VALUE, "not in valid range [0, inf)"));
            if (args.percentage == 0 && args.absolute == 0) {
                fields.problems().invalid(fields.path(percentage), 0, "cannot be zero at the same time as " + absolute);
                fields.problems().invalid(fields.path(absolute), 0, "cannot be zero at the same time as " + percentage);
            }
            return args;
        }
    }

    private final Args args;
    private final Informer budgets;
    private final Entropy entropy;
    private Budgets.Known known = Budgets.Known.NONE;

    public DefaultPreemption(Args args, Informers informers, Entropy entropy) {
        this.args = args;
        this.budgets = informers.of(Resources.POD_DISRUPTION_BUDGETS);
        this.entropy = entropy;
    }

    @Override
    public String name() {
        return "DefaultPreemption";
    }

    @Override
    public boolean synced() {
        return budgets.synced();
    }

    @Override
    public Rescue postFilter(Cycle cycle, Filtering filtering, Map<String, Status> refusals) {
        PodInfo pod = cycle.pod();
        if (pod.pod().string("spec", "preemptionPolicy").equals("Never")) {
            return Rescue.none("preemption: not eligible due to preemptionPolicy=Never.", true);
        }
        if (waitsForVictims(cycle, refusals)) {
            return Rescue.none("preemption: not eligible due to a terminating pod on the nominated node.", true);
        }
        List<NodeInfo> nodes = cycle.snapshot().nodes().stream()
                .filter(n -> refusals.getOrDefault(n.name(), Status.OK).resolvable())
                .toList();
        Diagnosis diagnosis = new Diagnosis(cycle.snapshot().nodes().size());
        List<Candidate> candidates = candidates(pod, filtering, nodes, diagnosis);
        if (candidates.isEmpty()) {
            int others = cycle.snapshot().nodes().size() - nodes.size();
            if (others > 0) {
                diagnosis.add(Status.unresolvable(NOT_HELPFUL), others);
            }
            return Rescue.none("preemption: " + diagnosis.message(), false);
        }
        Candidate best = candidates.stream().min(Candidate.BEST).orElseThrow();
        return new Rescue("", best.node(), best.victims(), true);
    }

    /** One that has made room already does not do so again while its victims end. */
    private static boolean waitsForVictims(Cycle cycle, Map<String, Status> refusals) {
        String nominated = cycle.snapshot().nominatedNode(cycle.pod());
        NodeInfo node = cycle.snapshot().node(nominated);
        if (node == null || !refusals.getOrDefault(nominated, Status.OK).resolvable()) {
            return false;
        }
        return node.pods().stream()
                .anyMatch(p -> p.priority() < cycle.pod().priority() && p.isDeleting() && isPreempted(p.pod()));
    }

    private static boolean isPreempted(Unstructured pod) {
        return pod.objects("status", "conditions").stream()
                .anyMatch(c -> c.string("type").equals("DisruptionTarget")
                        && c.string("status").equals("True")
                        && c.string("reason").equals("PreemptionByScheduler"));
    }

    private List<Candidate> candidates(PodInfo pod, Filtering filtering, List<NodeInfo> nodes, Diagnosis diagnosis) {
        List<Candidate> candidates = new ArrayList<>();
        if (nodes.isEmpty()) {
            return candidates;
        }
        known = known.now(budgets);
        long enough = Math.max(args.absolute(), nodes.size() * args.percentage() / 100);
        int offset = entropy.nextInt(nodes.size());
        List<Status> refusals = new ArrayList<>();
        for (int i = 0; i < nodes.size() && candidates.size() < enough; i++) {
            NodeInfo node = nodes.get((offset + i) % nodes.size());
            Trial trial = filtering.keep(Trial.class, node, known, () -> tryOn(node, pod, filtering));
            Candidate candidate = trial.candidate;
            if (!trial.refusal.fits()) {
                refusals.add(trial.refusal);
            } else if (candidate != null) {
                candidates.add(candidate);
            }
        }
        if (candidates.isEmpty()) {
            refusals.forEach(diagnosis::add);
        }
        return candidates;
    }

    /**
     * What came of one node.
     *
     * @param refusal why nobody's going helps
     * @param candidate null when nobody would have to go
     */
    private record Trial(Status refusal, @Nullable Candidate candidate) {}

    private Trial tryOn(NodeInfo node, PodInfo pod, Filtering filtering) {
        List<PodInfo> lower = node.pods().stream()
                .filter(p -> p.priority() < pod.priority())
                .sorted(MORE_IMPORTANT)
                .toList();
        if (lower.isEmpty()) {
            return new Trial(Status.unresolvable(NO_VICTIMS), null);
        }
        var room = new Room(node, filtering);
        NodeInfo without = node;
        for (PodInfo p : lower) {
            without = without.without(p.uid());
        }
        room.suppose(without);
        Status status = room.filtering.filterWithNominated(room.node);
        if (!status.fits()) {
            return new Trial(status, null);
        }
        Candidate candidate = reprieve(room, lower, new Budgets(known.budgets()));
        return new Trial(Status.OK, candidate.victims().isEmpty() ? null : candidate);
    }

    /** A node as it is supposed to be, and the filters as they are then. */
    private static final class Room {
        private NodeInfo node;
        private Filtering filtering;

        Room(NodeInfo node, Filtering filtering) {
            this.node = node;
            this.filtering = filtering;
        }

        void suppose(NodeInfo other) {
            filtering = filtering.supposing(node, other);
            node = other;
        }

        /** False when the pod would not fit any more; then nothing is changed. */
        boolean letBack(PodInfo pod) {
            NodeInfo more = node.with(pod);
            Filtering with = filtering.supposing(node, more);
            if (!with.filterWithNominated(more).fits()) {
                return false;
            }
            node = more;
            filtering = with;
            return true;
        }
    }

    private static Candidate reprieve(Room room, List<PodInfo> byImportance, Budgets budgets) {
        List<PodInfo> breaking = new ArrayList<>();
        List<PodInfo> others = new ArrayList<>();
        byImportance.forEach(p -> (budgets.isBrokenBy(p) ? breaking : others).add(p));
        List<PodInfo> victims = new ArrayList<>();
        breaking.stream().filter(p -> !room.letBack(p)).forEach(victims::add);
        int broken = victims.size();
        others.stream().filter(p -> !room.letBack(p)).forEach(victims::add);
        victims.sort(MORE_IMPORTANT);
        long sum = victims.stream().mapToLong(v -> v.priority() + (1L << 31)).sum();
        String start = victims.isEmpty()
                ? ""
                : Objects.requireNonNull(victims.getFirst()).startTime();
        return new Candidate(room.node.name(), victims, broken, sum, start);
    }

    /**
     * @param broken how many victims break a budget
     * @param sum of their priorities, each counted from the lowest there is
     * @param earliestStart of the most important victims; {@code ""} without any
     */
    private record Candidate(String node, List<PodInfo> victims, int broken, long sum, String earliestStart) {
        /** Upstream's order: each rule decides where those before it find equal. */
        private static final Comparator<Candidate> BEST = Comparator.comparingInt(Candidate::broken)
                .thenComparingLong(Candidate::highest)
                .thenComparingLong(Candidate::sum)
                .thenComparingInt(c -> c.victims.size())
                .thenComparing(Candidate::earliestStart, Comparator.reverseOrder());

        long highest() {
            return victims.getFirst().priority();
        }
    }
}
