package dev.coracle.controllers.job;

import dev.coracle.controllers.kit.Conditions;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A Job's {@code status} as pods are counted: {@link #open} gives what must be written before any of the pods {@link
 * #toRelease} may lose its finalizer, {@link #close} what is so afterwards.
 */
final class Ledger {
    /** More uids than that are too much for one object; the others wait for the next look. */
    private static final int MOST = 500;

    private final Tally tally;
    private final JobSpec spec;
    private final @Nullable Verdict verdict;
    private final Instant now;
    private final Unstructured status;
    private final List<Unstructured> release = new ArrayList<>();
    private final Set<String> held = new HashSet<>();
    private boolean full;
    private @Nullable String event;

    /** What there is after pods were made and deleted. */
    record Counts(long active, long ready, long terminating) {}

    /**
     * @param verdict as it may be acted upon: not while pods may be there that were not seen
     * @param managed whether pods were brought to their number; until then nothing is said of suspension
     */
    Ledger(Tally tally, Counts counts, @Nullable Verdict verdict, boolean managed, Instant now) {
        this.tally = tally;
        this.spec = tally.spec();
        this.verdict = verdict;
        this.now = now;
        this.status = tally.job().object("status").copy();
        tally.startTime().ifPresent(t -> status.set(Timestamps.format(t), "startTime"));
        status.set(counts.active() == 0 ? null : counts.active(), "active");
        status.set(counts.ready(), "ready");
        status.set(counts.terminating(), "terminating");
        if (!status.has("uncountedTerminatedPods")) {
            status.set(Unstructured.parse("{}"), "uncountedTerminatedPods");
        }
        if (managed && verdict == null) {
            suspension();
        }
        tally.tracked().forEach(p -> held.add(p.uid()));
        settle();
        count();
        if (verdict != null) {
            condition(verdict.interim(), "True", verdict.reason(), verdict.message());
        }
    }

    /** A Job that is resumed starts anew: its deadline counts from then. */
    private void suspension() {
        if (spec.suspended()) {
            if (condition("Suspended", "True", "JobSuspended", "Job suspended")) {
                event = "Suspended";
            }
            status.remove("startTime");
        } else if (condition("Suspended", "False", "JobResumed", "Job resumed")) {
            event = "Resumed";
            status.set(Timestamps.format(now), "startTime");
        }
    }

    private void count() {
        List<Unstructured> pods = new ArrayList<>(tally.tracked());
        if (spec.indexed()) {
            pods.sort(Comparator.comparing(JobPods::index));
        }
        Set<String> failed = new HashSet<>(Tally.uncounted(tally.job(), "failed"));
        Set<String> succeeded = new HashSet<>(Tally.uncounted(tally.job(), "succeeded"));
        TreeSet<Integer> indexes = new TreeSet<>();
        for (Unstructured pod : pods) {
            boolean isFailed = JobPods.isFailed(pod, spec);
            if (!isOver(pod, isFailed)) {
                continue;
            }
            release.add(pod);
            boolean admitted = spec.admits(JobPods.index(pod));
            if (JobPods.isSucceeded(pod) && !failed.contains(pod.uid())) {
                if (!spec.indexed() && succeeded.add(pod.uid())) {
                    list("succeeded", pod);
                } else if (spec.indexed() && admitted && !tally.counted().has(JobPods.index(pod))) {
                    indexes.add(JobPods.index(pod));
                }
            } else if ((isFailed || verdict != null && !verdict.success())
                    && admitted
                    && !failed.contains(pod.uid())
                    && FailurePolicy.of(pod, spec.failureRules()).counts()) {
                list("failed", pod);
            }
            if (indexes.size() + size("succeeded") + size("failed") >= MOST) {
                full = true;
                break;
            }
        }
        if (spec.indexed()) {
            Indexes completed = tally.counted().with(Indexes.of(indexes));
            positive(completed.total(), "succeeded");
            String text = completed.toString();
            status.set(text.isEmpty() ? null : text, "completedIndexes");
            status.set(
                    tally.failedIndexes() == null ? null : tally.failedIndexes().toString(), "failedIndexes");
        }
    }

    /** Whether all is known of a pod that will be. */
    private boolean isOver(Unstructured pod, boolean failed) {
        return tally.job().isDeleting()
                || verdict != null
                || JobPods.isSucceeded(pod)
                || failed && tally.replaceable().get(JobPods.index(pod)) != pod;
    }

    private void list(String list, Unstructured pod) {
        status.add(pod.uid(), "uncountedTerminatedPods", list);
    }

    private int size(String list) {
        return status.stringList("uncountedTerminatedPods", list).size();
    }

    /** Counts those that are listed and have no finalizer any more. */
    private void settle() {
        for (String list : List.of("succeeded", "failed")) {
            List<String> uids = status.stringList("uncountedTerminatedPods", list);
            List<String> rest = uids.stream().filter(held::contains).toList();
            if (rest.size() < uids.size()) {
                positive(status.integer(0, list) + uids.size() - rest.size(), list);
                status.set(rest.isEmpty() ? null : new ArrayList<>(rest), "uncountedTerminatedPods", list);
            }
        }
    }

    private void positive(long n, String field) {
        status.set(n == 0 ? null : n, field);
    }

    /** The status to be written first. */
    Unstructured open() {
        return status.copy();
    }

    /** Whose finalizer may then be removed. */
    List<Unstructured> toRelease() {
        return release;
    }

    /**
     * The status after that.
     *
     * @param gone uids of those whose finalizer is removed
     */
    Unstructured close(Set<String> gone) {
        held.removeAll(gone);
        settle();
        if (isFinished() && verdict != null) {
            condition(verdict.terminal(), "True", verdict.reason(), verdict.message());
            if (verdict.success()) {
                status.set(Timestamps.format(now), "completionTime");
            }
        }
        return status;
    }

    /** Whether nothing is left to be counted, and no pod to end, of a Job that is decided. */
    boolean isFinished() {
        return verdict != null
                && !full
                && release.stream().noneMatch(p -> held.contains(p.uid()))
                && size("succeeded") + size("failed") == 0
                && status.integer(0, "terminating") == 0;
    }

    /** {@code Suspended} or {@code Resumed}, when the Job just was. */
    @Nullable
    String event() {
        return event;
    }

    /** True when it changed. That something is not so is only said of what once was. */
    private boolean condition(String type, String value, String reason, String message) {
        List<Unstructured> conditions = status.objects("conditions");
        Unstructured before = Conditions.find(conditions, type).orElse(null);
        if (before == null ? value.equals("False") : before.string("status").equals(value)) {
            return false;
        }
        Conditions.set(conditions, type, value, reason, message, now).set(now, "lastProbeTime");
        status.set(conditions, "conditions");
        return true;
    }
}
