package dev.coracle.controllers.job;

import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long to wait before a failed pod is replaced: 10 s after the first failure since a success, then twice as long each
 * time.
 *
 * @param failures since the last success
 * @param last when the last of them was; null: there is none
 */
record Backoff(int failures, @Nullable Instant last) {
    static final Backoff NONE = new Backoff(0, null);

    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /** After the one pod whose place is to be taken in its index. */
    static Backoff after(Unstructured failed) {
        return new Backoff(JobPods.failures(failed) + JobPods.ignored(failed) + 1, JobPods.finishedAt(failed));
    }

    /** With pods that ended since. */
    Backoff with(Collection<Unstructured> succeeded, Collection<Unstructured> failed) {
        Instant success = succeeded.stream()
                .map(JobPods::finishedAt)
                .max(Instant::compareTo)
                .orElse(null);
        List<Instant> since = failed.stream()
                .map(JobPods::finishedAt)
                .filter(t -> success == null || t.isAfter(success))
                .toList();
        if (success == null && since.isEmpty()) {
            return this;
        }
        return new Backoff(
                (success == null ? failures : 0) + since.size(),
                since.stream().max(Instant::compareTo).orElse(null));
    }

    Duration remaining(Instant now) {
        if (failures == 0 || last == null) {
            return Duration.ZERO;
        }
        // 10 s · 2⁶ is more than the longest already.
        Duration wait = FIRST.multipliedBy(1L << Math.min(failures - 1, 6));
        Duration left = Duration.between(now, last.plus(wait.compareTo(LONGEST) > 0 ? LONGEST : wait));
        return left.isNegative() ? Duration.ZERO : left;
    }
}
