package dev.coracle.flowforge.queue;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** @param idempotencyKey posting the same key again answers the first task and adds none */
public record NewTask(
        String type,
        @Nullable Object payload,
        int priority,
        Duration delay,
        int maxAttempts,
        @Nullable String idempotencyKey) {}
