package dev.coracle.flowforge.queue;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of the queue.
 *
 * @param status {@code queued}, {@code running}, {@code succeeded}, {@code dead} or {@code cancelled}
 * @param attempts how often it was begun; with {@code lockedBy} it fences out a worker that lost it
 * @param error of the last failed attempt
 */
public record Task(
        UUID id,
        String type,
        @Nullable Object payload,
        String status,
        int priority,
        Instant runAt,
        int attempts,
        int maxAttempts,
        @Nullable String idempotencyKey,
        @Nullable String lockedBy,
        @Nullable Object result,
        @Nullable String error,
        Instant createdAt,
        @Nullable Instant finishedAt) {

    public static final List<String> STATUSES = List.of("queued", "running", "succeeded", "dead", "cancelled");

    /** A zero for each status, in their order. */
    public static Map<String, Long> noneInAnyStatus() {
        Map<String, Long> counts = new LinkedHashMap<>();
        STATUSES.forEach(s -> counts.put(s, 0L));
        return counts;
    }

    /** Whether it is dead if this attempt fails. */
    public boolean onLastAttempt() {
        return attempts >= maxAttempts;
    }

    /** As the API shows it. */
    public Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> m = new LinkedHashMap<>();
        m.put("id", id.toString());
        m.put("type", type);
        m.put("status", status);
        m.put("payload", payload);
        m.put("priority", priority);
        m.put("runAt", runAt.toString());
        m.put("attempts", attempts);
        m.put("maxAttempts", maxAttempts);
        m.put("idempotencyKey", idempotencyKey);
        m.put("worker", lockedBy);
        m.put("result", result);
        m.put("error", error);
        m.put("createdAt", createdAt.toString());
        m.put("finishedAt", finishedAt == null ? null : finishedAt.toString());
        return m;
    }
}
