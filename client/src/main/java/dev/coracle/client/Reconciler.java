package dev.coracle.client;

import dev.coracle.machinery.object.ObjectKey;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Brings one object's real state to its desired one: level-based, idempotent, one key at a time. A thrown exception
 * puts the key back with exponential backoff.
 */
@FunctionalInterface
public interface Reconciler {
    Result reconcile(ObjectKey key);

    /** @param requeueAfter look at the key again after this long; null: only when something changes */
    record Result(@Nullable Duration requeueAfter) {
        public static final Result DONE = new Result(null);

        public static Result after(Duration delay) {
            return new Result(delay);
        }
    }
}
