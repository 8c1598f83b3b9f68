package dev.coracle.controllers.job;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code spec} of a Job.
 *
 * @param completions null: a work queue, which is done when one pod succeeded and none is left
 * @param backoffLimitPerIndex null: failures are counted for the whole Job alone
 * @param failureRules null: there is no podFailurePolicy
 * @param replacesOnlyFailed a pod on its way out is neither failed yet nor replaced
 */
record JobSpec(
        long parallelism,
        @Nullable Long completions,
        boolean indexed,
        boolean suspended,
        long backoffLimit,
        @Nullable Long backoffLimitPerIndex,
        @Nullable Long maxFailedIndexes,
        @Nullable Long activeDeadlineSeconds,
        boolean replacesOnlyFailed,
        boolean restartsInPlace,
        @Nullable List<Unstructured> failureRules,
        List<Unstructured> successRules) {
    static JobSpec of(Unstructured job) {
        Unstructured spec = job.object("spec");
        boolean policy = spec.has("podFailurePolicy");
        return new JobSpec(
                spec.integer(1, "parallelism"),
                number(spec, "completions"),
                spec.string("completionMode").equals("Indexed"),
                spec.bool("suspend"),
                spec.integer(6, "backoffLimit"),
                number(spec, "backoffLimitPerIndex"),
                number(spec, "maxFailedIndexes"),
                number(spec, "activeDeadlineSeconds"),
                policy || spec.string("podReplacementPolicy").equals("Failed"),
                spec.string("template", "spec", "restartPolicy").equals("OnFailure"),
                policy ? spec.objects("podFailurePolicy", "rules") : null,
                spec.objects("successPolicy", "rules"));
    }

    private static @Nullable Long number(Unstructured spec, String field) {
        return spec.has(field) ? spec.integer(0, field) : null;
    }

    /** How many indexes there are. */
    long size() {
        return completions == null ? 0 : completions;
    }

    /** Whether a pod's index is one of this Job's; always where there are none. */
    boolean admits(int index) {
        return !indexed || index >= 0 && index < size();
    }
}
