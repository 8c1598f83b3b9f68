package dev.coracle.controllers.statefulset;

import dev.coracle.controllers.statefulset.Replica.State;
import dev.coracle.controllers.statefulset.Step.Conform;
import dev.coracle.controllers.statefulset.Step.Create;
import dev.coracle.controllers.statefulset.Step.Delete;
import dev.coracle.controllers.statefulset.Step.Provide;
import dev.coracle.controllers.statefulset.Step.Release;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done for a set now; changes nothing. In order, a step is taken only when all before it are through: places
 * are filled from the first to the last, each when its predecessor is available; those beyond the replicas are emptied from
 * the last to the first; then the last pod of an old revision is deleted, for its place to be filled anew. The next look
 * goes on from there. In parallel, places are filled and emptied at once, but updated one by one all the same.
 *
 * <p>So a pod that never becomes ready stops the row, also where a new template would mend it: who repairs the template
 * must delete that pod by hand, as with Kubernetes. {@code maxUnavailable} does nothing either: its gate is closed in 1.36.
 *
 * @param phases what is done in order: where a step of one fails, the next is not begun
 */
record Plan(List<List<Step>> phases) {
    /**
     * What a set asks for.
     *
     * @param ordered one at a time
     * @param rolling whether pods of old revisions are replaced; else that waits for someone to delete them
     * @param partition how many places at the start keep the current revision
     */
    record Rules(int start, int replicas, boolean ordered, boolean rolling, int partition) {
        static Rules of(Unstructured set) {
            return new Rules(
                    (int) set.integer(0, "spec", "ordinals", "start"),
                    (int) set.integer(1, "spec", "replicas"),
                    !set.string("spec", "podManagementPolicy").equals("Parallel"),
                    set.string("spec", "updateStrategy", "type").equals("RollingUpdate"),
                    (int) set.integer(0, "spec", "updateStrategy", "rollingUpdate", "partition"));
        }

        boolean covers(int ordinal) {
            return ordinal >= start && ordinal < start + replicas;
        }
    }

    /** @param present the pods that there are, in any order */
    static Plan of(Rules rules, List<Replica> present, String current, String update) {
        Map<Integer, Replica> places =
                present.stream().collect(Collectors.toMap(Replica::ordinal, Function.identity()));
        List<Replica> living = IntStream.range(rules.start(), rules.start() + rules.replicas())
                .mapToObj(o -> places.getOrDefault(
                        o, Replica.absent(o, o < rules.start() + rules.partition() ? current : update)))
                .toList();
        List<Replica> condemned = present.stream()
                .filter(r -> !rules.covers(r.ordinal()))
                .sorted(Comparator.comparingInt(Replica::ordinal).reversed())
                .toList();
        List<List<Step>> phases = new ArrayList<>();
        boolean through = fill(rules, living, phases);
        through = through && empty(rules, living, condemned, phases);
        if (through && rules.rolling()) {
            update(rules, living, update, phases);
        }
        return new Plan(phases);
    }

    List<Step> steps() {
        return phases.stream().flatMap(List::stream).toList();
    }

    /** False where one must be waited for. */
    private static boolean fill(Rules rules, List<Replica> living, List<List<Step>> phases) {
        List<Step> steps = new ArrayList<>();
        phases.add(steps);
        for (Replica r : living) {
            Unstructured pod = r.pod();
            if (pod == null) {
                steps.add(new Create(r.ordinal(), r.revision()));
            } else if (r.state() == State.ENDED) {
                if (!r.terminating()) {
                    steps.add(new Delete(pod, false));
                }
            } else {
                if (r.state() == State.PENDING) {
                    steps.add(new Provide(pod));
                }
                if (r.isAvailable() || !rules.ordered()) {
                    steps.add(new Conform(pod));
                }
            }
            if (rules.ordered() && !r.isAvailable()) {
                return false;
            }
        }
        return true;
    }

    private static boolean empty(Rules rules, List<Replica> living, List<Replica> condemned, List<List<Step>> phases) {
        phases.add(condemned.stream()
                .<Step>map(r -> new Release(Objects.requireNonNull(r.pod())))
                .toList());
        List<Step> steps = new ArrayList<>();
        phases.add(steps);
        Replica unavailable = firstUnavailable(living, condemned);
        for (Replica r : condemned) {
            // Of those that are to go, the first in the row that does badly goes first of all; others wait for it.
            boolean goes = !r.terminating() && (!rules.ordered() || r.isAvailable() || r == unavailable);
            if (goes) {
                steps.add(new Delete(Objects.requireNonNull(r.pod()), false));
            }
            if (rules.ordered()) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable Replica firstUnavailable(List<Replica> living, List<Replica> condemned) {
        for (Replica r : living) {
            if (!r.isAvailable()) {
                return r;
            }
        }
        return condemned.reversed().stream()
                .filter(r -> !r.isAvailable())
                .findFirst()
                .orElse(null);
    }

    private static void update(Rules rules, List<Replica> living, String update, List<List<Step>> phases) {
        for (Replica r : living.subList(Math.min(rules.partition(), living.size()), living.size())
                .reversed()) {
            if (r.pod() != null && !r.revision().equals(update) && !r.terminating()) {
                phases.add(List.of(new Delete(r.pod(), true)));
                return;
            }
            if (!r.isAvailable()) {
                return;
            }
        }
    }
}
