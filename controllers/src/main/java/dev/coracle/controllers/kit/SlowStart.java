package dev.coracle.controllers.kit;

import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.env.Together;
import dev.coracle.machinery.object.StatusException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Many calls of which all may fail for one reason, a quota say: in batches of 1, 2, 4 and so on. A batch is called to
 * its end; after one with a failure no other begins. So 500 pods that are refused cost one refusal and not 500.
 */
public final class SlowStart {
    /** More wait for the same flush of the store's log, and each costs a thread's memory. */
    static final int AT_ONCE = 16;

    private SlowStart() {}

    /**
     * @param succeeded how many calls did
     * @param skipped how many were not called
     * @param failure the first
     */
    public record Outcome(
            int succeeded, int skipped, @Nullable StatusException failure) {}

    /** Calls with 0 to {@code count - 1}, some of a batch at once; a call fails by throwing what the server said. */
    public static Outcome run(Tasks tasks, int count, IntConsumer call) {
        Queue<StatusException> failures = new ConcurrentLinkedQueue<>();
        int begun = 0;
        for (int batch = 1; begun < count && failures.isEmpty(); batch *= 2) {
            int first = begun;
            int size = Math.min(batch, count - first);
            Together.run(tasks, AT_ONCE, size, i -> {
                try {
                    call.accept(first + i);
                } catch (StatusException e) {
                    failures.add(e);
                }
            });
            begun += size;
        }
        return new Outcome(begun - failures.size(), count - begun, failures.peek());
    }
}
