package dev.coracle.controllers.job;

import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a Job's pods have come to at one moment, those that ended just now included.
 *
 * @param tracked the pods with the finalizer, that is, those that are still to be counted
 * @param counted the indexes that {@code status} has already as completed
 * @param completed those and the ones that were completed since
 * @param failedIndexes null where indexes do not fail one by one
 * @param replaceable the pod of each index that failed and is to be replaced: it stays until then, for the next one is
 *     told how often the index failed
 * @param verdict null while the Job goes on
 */
record Tally(
        Unstructured job,
        JobSpec spec,
        List<Unstructured> pods,
        List<Unstructured> active,
        List<Unstructured> tracked,
        long succeeded,
        long failed,
        Indexes counted,
        Indexes completed,
        @Nullable Indexes failedIndexes,
        Map<Integer, Unstructured> replaceable,
        Backoff backoff,
        Optional<Instant> startTime,
        @Nullable Verdict verdict) {
    /**
     * @param released uids of pods whose finalizer was removed, though they were read before
     * @param before how it was with failures so far
     */
    static Tally of(Unstructured job, List<Unstructured> pods, Set<String> released, Backoff before, Instant now) {
        JobSpec spec = JobSpec.of(job);
        List<Unstructured> tracked = pods.stream()
                .filter(p -> JobPods.isTracked(p) && !released.contains(p.uid()))
                .toList();
        List<Unstructured> active = pods.stream().filter(Pods::isActive).toList();
        List<Unstructured> succeeded = fresh(job, spec, tracked, "succeeded", JobPods::isSucceeded);
        List<Unstructured> failed = fresh(job, spec, tracked, "failed", p -> JobPods.isFailed(p, spec));
        long failures = job.integer(0, "status", "failed")
                + uncounted(job, "failed").size()
                + failed.stream()
                        .filter(p -> FailurePolicy.of(p, spec.failureRules()).counts())
                        .count();
        Indexes counted = Indexes.parse(job.string("status", "completedIndexes"), spec.size());
        Indexes completed = spec.indexed() ? counted.with(indexes(tracked, spec, JobPods::isSucceeded)) : counted;
        Indexes failedIndexes = !spec.indexed() || spec.backoffLimitPerIndex() == null
                ? null
                : Indexes.parse(job.string("status", "failedIndexes"), spec.size())
                        .with(indexes(tracked, spec, p -> failsIndex(p, spec)));
        long successes = spec.indexed()
                ? completed.total()
                : job.integer(0, "status", "succeeded")
                        + uncounted(job, "succeeded").size()
                        + succeeded.size();
        Optional<Instant> start =
                job.time("status", "startTime").or(() -> Optional.of(now).filter(t -> !spec.suspended()));
        return new Tally(
                job,
                spec,
                pods,
                active,
                tracked,
                successes,
                failures,
                counted,
                completed,
                failedIndexes,
                failedIndexes == null ? Map.of() : replaceable(tracked, active, spec, completed, failedIndexes),
                before.with(succeeded, failed),
                start,
                verdict(job, spec, pods, failures, completed, failedIndexes, start, now));
    }

    /** The uids in a list of {@code status.uncountedTerminatedPods}. */
    static List<String> uncounted(Unstructured job, String list) {
        return job.stringList("status", "uncountedTerminatedPods", list);
    }

    /** Pods that ended so, and are in no list yet. */
    private static List<Unstructured> fresh(
            Unstructured job, JobSpec spec, List<Unstructured> tracked, String list, Predicate<Unstructured> ended) {
        Set<String> listed = new HashSet<>(uncounted(job, list));
        return tracked.stream()
                .filter(p -> !listed.contains(p.uid()) && spec.admits(JobPods.index(p)) && ended.test(p))
                .toList();
    }

    private static Indexes indexes(List<Unstructured> pods, JobSpec spec, Predicate<Unstructured> which) {
        Set<Integer> indexes = new TreeSet<>();
        for (Unstructured pod : pods) {
            if (spec.admits(JobPods.index(pod)) && which.test(pod)) {
                indexes.add(JobPods.index(pod));
            }
        }
        return Indexes.of(indexes);
    }

    private static boolean failsIndex(Unstructured pod, JobSpec spec) {
        if (!JobPods.isFailed(pod, spec)) {
            return false;
        }
        FailurePolicy.Outcome outcome = FailurePolicy.of(pod, spec.failureRules());
        Long limit = spec.backoffLimitPerIndex();
        return outcome.failsIndex() || outcome.counts() && limit != null && JobPods.failures(pod) >= limit;
    }

    private static Map<Integer, Unstructured> replaceable(
            List<Unstructured> tracked,
            List<Unstructured> active,
            JobSpec spec,
            Indexes completed,
            Indexes failedIndexes) {
        Indexes running = indexes(active, spec, p -> true);
        Map<Integer, Unstructured> last = new HashMap<>();
        for (Unstructured pod : tracked) {
            int index = JobPods.index(pod);
            if (spec.admits(index)
                    && JobPods.isFailed(pod, spec)
                    && !completed.has(index)
                    && !failedIndexes.has(index)
                    && !running.has(index)) {
                last.merge(index, pod, (a, b) -> later(a, b) ? b : a);
            }
        }
        return last;
    }

    private static boolean later(Unstructured a, Unstructured b) {
        return JobPods.failures(a) + JobPods.ignored(a) <= JobPods.failures(b) + JobPods.ignored(b)
                && !JobPods.finishedAt(b).isBefore(JobPods.finishedAt(a));
    }

    private static @Nullable Verdict verdict(
            Unstructured job,
            JobSpec spec,
            List<Unstructured> pods,
            long failed,
            Indexes completed,
            @Nullable Indexes failedIndexes,
            Optional<Instant> start,
            Instant now) {
        // What was once decided stays so.
        for (boolean success : new boolean[] {true, false}) {
            Optional<Unstructured> known = Conditions.find(job, success ? "SuccessCriteriaMet" : "FailureTarget")
                    .filter(c -> c.string("status").equals("True"));
            if (known.isPresent()) {
                return Verdict.of(success, known.get());
            }
        }
        for (Unstructured pod : pods) {
            String fatal = JobPods.isFailed(pod, spec)
                    ? FailurePolicy.of(pod, spec.failureRules()).fatal()
                    : null;
            if (fatal != null) {
                return Verdict.failure("PodFailurePolicy", fatal);
            }
        }
        if (failed > spec.backoffLimit() || restartedTooOften(spec, pods)) {
            return Verdict.failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }
        Duration left = left(spec, start, now);
        if (left != null && !left.isPositive()) {
            return Verdict.failure("DeadlineExceeded", "Job was active longer than specified deadline");
        }
        if (failedIndexes != null) {
            Long most = spec.maxFailedIndexes();
            int n = failedIndexes.total();
            if (most != null && n > most) {
                return Verdict.failure(
                        "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
            }
            if (n > 0 && n + completed.total() >= spec.size()) {
                return Verdict.failure("FailedIndexes", "Job has failed indexes");
            }
        }
        return spec.indexed()
                ? SuccessPolicy.met(spec, completed)
                        .map(how -> new Verdict(true, "SuccessPolicy", how))
                        .orElse(null)
                : null;
    }

    /** Containers that are restarted in place fail as pods do. */
    private static boolean restartedTooOften(JobSpec spec, List<Unstructured> pods) {
        if (!spec.restartsInPlace()) {
            return false;
        }
        long restarts = pods.stream()
                .filter(p -> List.of("Running", "Pending").contains(p.string("status", "phase")))
                .mapToLong(JobPods::restarts)
                .sum();
        return restarts >= Math.max(1, spec.backoffLimit());
    }

    /** How long the Job may still be active; null: as long as it likes. */
    @Nullable
    Duration left(Instant now) {
        return left(spec, startTime, now);
    }

    private static @Nullable Duration left(JobSpec spec, Optional<Instant> start, Instant now) {
        Long deadline = spec.activeDeadlineSeconds();
        return deadline == null || spec.suspended() || start.isEmpty()
                ? null
                : Duration.between(now, start.get().plusSeconds(deadline));
    }

    /** Whether enough pods succeeded, given how many are still active. */
    boolean isComplete(long stillActive) {
        Long wanted = spec.completions();
        return stillActive == 0 && (wanted == null ? succeeded > 0 : succeeded >= wanted);
    }

    List<Unstructured> ready() {
        return active.stream().filter(Pods::isReady).toList();
    }

    List<Unstructured> terminating() {
        List<Unstructured> going = new ArrayList<>(pods);
        going.removeIf(p -> !JobPods.isTerminating(p));
        return going;
    }
}
