package dev.coracle.controllers.kit;

import dev.coracle.machinery.object.StatusException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Many calls of which all may fail for one reason, a quota say: in batches of 1, 2, 4 and so on. A batch is called to
 * its end; after one with a failure no other begins. So 500 pods that are refused cost one refusal and not 500.
 */
public final class SlowStart {
    private SlowStart() {}

    /**
     * @param succeeded how many calls did
     * @param skipped how many were not called
     * @param failure the first
     */
    public record Outcome(
            int succeeded, int skipped, @Nullable StatusException failure) {}

    /** Calls with 0 to {@code count - 1}; a call fails by throwing what the server said. */
    public static Outcome run(int count, IntConsumer call) {
        int succeeded = 0;
        int next = 0;
        StatusException failure = null;
        for (int batch = 1; next < count && failure == null; batch *= 2) {
            for (int end = Math.min(count, next + batch); next < end; next++) {
                try {
                    call.accept(next);
                    succeeded++;
                } catch (StatusException e) {
                    failure = failure == null ? e : failure;
                }
            }
        }
        return new Outcome(succeeded, count - next, failure);
    }
}
