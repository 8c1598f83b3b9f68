package dev.coracle.scheduler;

import dev.coracle.machinery.env.Entropy;
import dev.coracle.scheduler.framework.Alike;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.Diagnosis;
import dev.coracle.scheduler.framework.Filtering;
import dev.coracle.scheduler.framework.Judgement;
import dev.coracle.scheduler.framework.Memo;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is to become of one pod, from a snapshot.
 *
 * @param node where it goes; null for nowhere
 * @param message why nowhere
 * @param refusers the plugins that ruled nodes out, when it goes nowhere
 * @param rescue what would help, when it goes nowhere
 */
record Decision(@Nullable NodeInfo node, String message, Set<String> refusers, Plugin.Rescue rescue) {
    private static final Plugin.Rescue NONE = Plugin.Rescue.none("", true);

    static Decision nowhere(String message, String refuser) {
        return new Decision(null, message, Set.of(refuser), NONE);
    }

    /**
     * What is kept of kinds of pods.
     *
     * @param kinds one object for all that are equal
     * @param refusals of those that fit nowhere; of few, since each is as large as there are nodes
     */
    record Kinds(Memo<Alike, Alike> kinds, Memo<Alike, Refusals> refusals) {
        private static final int REFUSED = 16;

        Kinds() {
            this(new Memo<>(), new Memo<>(REFUSED));
        }
    }

    /** Asks the plugins; keeps nothing between pods but where to begin, and what is known of kinds of pods. */
    record Maker(
            List<Plugin.Filters> filters,
            List<Plugins.Weighted> scores,
            List<Plugin.PostFilters> postFilters,
            long percentageOfNodes,
            Sampling sampling,
            Kinds kinds,
            Entropy entropy) {
        Maker(Plugins plugins, long percentageOfNodes, Sampling sampling, Entropy entropy) {
            this(
                    plugins.filters(),
                    plugins.scores(),
                    plugins.at(Point.POST_FILTER, Plugin.PostFilters.class),
                    percentageOfNodes,
                    sampling,
                    new Kinds(),
                    entropy);
        }

        Decision decide(Cycle cycle) {
            List<NodeInfo> nodes = cycle.snapshot().nodes();
            Filtering filtering = Filtering.of(filters, cycle, cycle.pod().alike(kinds.kinds));
            Status blocked = filtering.blocked();
            if (!blocked.fits() && !nodes.isEmpty()) {
                Map<String, Status> refusals = new HashMap<>();
                nodes.forEach(n -> refusals.put(n.name(), blocked));
                String message =
                        Diagnosis.blocked(nodes.size(), blocked.reasons().getFirst());
                return rescued(cycle, filtering, refusals, message, Set.of(blocked.plugin()));
            }
            // One that was made room for on a node goes there if it still can, whatever else there is by now.
            NodeInfo nominated = cycle.snapshot().node(cycle.snapshot().nominatedNode(cycle.pod()));
            Filtering.Narrowed narrowed = filtering.narrowed();
            if (nominated != null
                    && narrowed.allows(nominated)
                    && filtering.filterWithNominated(nominated).fits()) {
                return new Decision(nominated, "", Set.of(), NONE);
            }
            Alike alike = filtering.isShared() ? cycle.pod().alike(kinds.kinds) : null;
            Refusals known = alike == null ? null : kinds.refusals.get(alike);
            if (known != null && known.follow(cycle.pod(), cycle.snapshot(), filtering)) {
                return rescued(cycle, filtering, known);
            }
            Map<String, Status> refusals = new HashMap<>();
            List<NodeInfo> feasible = look(narrowed, filtering, nodes, refusals);
            if (feasible.isEmpty()) {
                var fresh = new Refusals(cycle.pod(), cycle.snapshot(), refusals);
                if (alike != null && narrowed.nodes() == null) {
                    kinds.refusals.put(alike, fresh);
                }
                return rescued(cycle, filtering, fresh);
            }
            if (known != null) {
                kinds.refusals.forget(Objects.requireNonNull(alike));
            }
            return new Decision(best(cycle, filtering, feasible), "", Set.of(), NONE);
        }

        /**
         * Looks at nodes in turn until enough fit.
         *
         * @param refusals takes what each node was refused for, when all were; a pod that goes somewhere has no use for it
         */
        private List<NodeInfo> look(
                Filtering.Narrowed narrowed, Filtering filtering, List<NodeInfo> all, Map<String, Status> refusals) {
            List<NodeInfo> nodes = narrowed.nodes() == null
                    ? all
                    : all.stream().filter(narrowed::allows).toList();
            int size = nodes.size();
            int enough = scores.isEmpty() ? 1 : Sampling.enough(size, percentageOfNodes);
            int start = sampling.start(size);
            List<NodeInfo> feasible = new ArrayList<>(enough);
            List<Status> found = new ArrayList<>();
            int looked = 0;
            for (; looked < size && feasible.size() < enough; looked++) {
                NodeInfo node = nodes.get((start + looked) % size);
                Status status = filtering.filterWithNominated(node);
                if (status.fits()) {
                    feasible.add(node);
                } else if (feasible.isEmpty()) {
                    found.add(status);
                }
            }
            sampling.looked(looked, all.size());
            if (feasible.isEmpty()) {
                if (size < all.size()) {
                    all.forEach(n -> refusals.put(n.name(), narrowed.others()));
                }
                for (int i = 0; i < size; i++) {
                    refusals.put(nodes.get((start + i) % size).name(), found.get(i));
                }
            }
            return feasible;
        }

        private Decision rescued(Cycle cycle, Filtering filtering, Refusals refusals) {
            return rescued(cycle, filtering, refusals.byNode(), refusals.message(), refusals.plugins());
        }

        private Decision rescued(
                Cycle cycle, Filtering filtering, Map<String, Status> refusals, String message, Set<String> refusers) {
            Plugin.Rescue rescue = NONE;
            if (!cycle.snapshot().nodes().isEmpty()) {
                for (Plugin.PostFilters p : postFilters) {
                    rescue = rescue.and(p.postFilter(cycle, filtering, refusals));
                    if (!rescue.node().isEmpty()) {
                        break;
                    }
                }
            }
            String whole = rescue.message().isEmpty() ? message : message + " " + rescue.message();
            return new Decision(null, whole, refusers, rescue);
        }

        /** The node with the highest sum of weighted scores; one of them by chance when there are several. */
        private NodeInfo best(Cycle cycle, Filtering filtering, List<NodeInfo> feasible) {
            if (feasible.size() == 1) {
                return feasible.getFirst();
            }
            long[] totals = totals(cycle, filtering, feasible);
            long highest = Long.MIN_VALUE;
            int equals = 0;
            for (long total : totals) {
                equals = total > highest ? 1 : total == highest ? equals + 1 : equals;
                highest = Math.max(highest, total);
            }
            int passed = equals == 1 ? 0 : entropy.nextInt(equals);
            int best = 0;
            while (totals[best] != highest || passed-- > 0) {
                best++;
            }
            return feasible.get(best);
        }

        long[] totals(Cycle cycle, Filtering filtering, List<NodeInfo> feasible) {
            long[] totals = new long[feasible.size()];
            long[] scored = new long[totals.length];
            @Nullable Judgement[] kept = new Judgement[totals.length];
            for (int i = 0; i < kept.length; i++) {
                kept[i] = filtering.kept(feasible.get(i));
            }
            for (int p = 0; p < scores.size(); p++) {
                Plugins.Weighted w = scores.get(p);
                NodeScore score = w.plugin().preScore(cycle, feasible);
                if (score == null) {
                    continue;
                }
                boolean local = w.plugin().isLocal();
                for (int i = 0; i < scored.length; i++) {
                    Judgement known = local ? kept[i] : null;
                    NodeInfo node = feasible.get(i);
                    scored[i] = known == null ? score.score(node) : known.score(p, scores.size(), score, node);
                }
                score.normalize(scored);
                for (int i = 0; i < scored.length; i++) {
                    totals[i] += w.weight() * scored[i];
                }
            }
            return totals;
        }
    }
}
