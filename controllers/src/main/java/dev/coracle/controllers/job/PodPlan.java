package dev.coracle.controllers.job;

import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which pods to make and which to delete, for a Job that goes on. Never both at once: deletions come first.
 *
 * @param create the index of each pod to be made; {@link JobPods#NONE} where pods have none
 * @param pause for so long no failed pod is replaced; null: nothing has to wait
 */
record PodPlan(
        List<Unstructured> delete,
        List<Integer> create,
        @Nullable Duration pause) {
    /** At most so many pods at once. */
    private static final int BURST = 500;

    /** Unplaced before placed, pending before running, unready before ready, what was ready or made last. */
    private static final Comparator<Unstructured> EXPENDABLE = Comparator.<Unstructured, Boolean>comparing(
                    p -> !p.string("spec", "nodeName").isEmpty())
            .thenComparing(p -> p.string("status", "phase").equals("Running"))
            .thenComparing(Pods::isReady)
            .thenComparing(
                    p -> Optional.of(p)
                            .filter(Pods::isReady)
                            .flatMap(Pods::readySince)
                            .orElse(Instant.EPOCH),
                    Comparator.reverseOrder())
            .thenComparing(JobPods::restarts, Comparator.reverseOrder())
            .thenComparing(p -> p.string("metadata", "creationTimestamp"), Comparator.reverseOrder())
            .thenComparing(Unstructured::name);

    static PodPlan of(Tally tally, Instant now) {
        JobSpec spec = tally.spec();
        long active = tally.active().size();
        long wanted = spec.suspended() ? 0 : wanted(tally);
        List<Unstructured> delete = expendable(tally, Math.max(0, active - wanted));
        if (!delete.isEmpty()) {
            return new PodPlan(delete.subList(0, Math.min(BURST, delete.size())), List.of(), null);
        }
        long ending = spec.replacesOnlyFailed() ? tally.terminating().size() : 0;
        long missing = Math.min(BURST, wanted - active - ending);
        if (missing <= 0) {
            return new PodPlan(List.of(), List.of(), null);
        }
        Duration wait = tally.failedIndexes() == null ? tally.backoff().remaining(now) : Duration.ZERO;
        if (wait.isPositive()) {
            return new PodPlan(List.of(), List.of(), wait);
        }
        return spec.indexed()
                ? indexed(tally, missing, now)
                : new PodPlan(List.of(), Collections.nCopies((int) missing, JobPods.NONE), null);
    }

    /** Never more at once than are still needed: a success too many is none. */
    private static long wanted(Tally tally) {
        Long completions = tally.spec().completions();
        if (completions == null) {
            return tally.succeeded() > 0 ? tally.active().size() : tally.spec().parallelism();
        }
        return Math.clamp(completions - tally.succeeded(), 0, tally.spec().parallelism());
    }

    private static PodPlan indexed(Tally tally, long missing, Instant now) {
        Indexes taken = tally.completed().with(indexes(tally.active()));
        if (tally.spec().replacesOnlyFailed()) {
            taken = taken.with(indexes(tally.terminating()));
        }
        if (tally.failedIndexes() != null) {
            taken = taken.with(tally.failedIndexes());
        }
        List<Integer> create = new ArrayList<>();
        Duration wait = null;
        for (int index : taken.missing(missing, tally.spec().size())) {
            Unstructured failed = tally.replaceable().get(index);
            Duration left =
                    failed == null ? Duration.ZERO : Backoff.after(failed).remaining(now);
            if (left.isZero()) {
                create.add(index);
            } else if (wait == null || left.compareTo(wait) < 0) {
                wait = left;
            }
        }
        return new PodPlan(List.of(), create, wait);
    }

    private static Indexes indexes(List<Unstructured> pods) {
        TreeSet<Integer> indexes = new TreeSet<>();
        pods.forEach(p -> indexes.add(JobPods.index(p)));
        return Indexes.of(indexes.tailSet(0));
    }

    /** So many, and at any rate all but one of an index, and those of an index that the Job has not. */
    private static List<Unstructured> expendable(Tally tally, long atLeast) {
        List<Unstructured> left = new ArrayList<>(tally.active());
        left.sort(EXPENDABLE);
        List<Unstructured> delete = new ArrayList<>();
        if (tally.spec().indexed()) {
            Map<Integer, Unstructured> best = new HashMap<>();
            left.stream()
                    .filter(p -> tally.spec().admits(JobPods.index(p)))
                    .forEach(p -> best.put(JobPods.index(p), p));
            for (Unstructured pod : List.copyOf(left)) {
                if (best.get(JobPods.index(pod)) != pod) {
                    left.remove(pod);
                    delete.add(pod);
                }
            }
        }
        for (int i = 0; delete.size() < atLeast; i++) {
            delete.add(left.get(i));
        }
        return delete;
    }
}
