package dev.coracle.bench.scale;

import dev.coracle.machinery.env.Environment;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Many equal pieces of work, some at once. */
final class Crew {
    private Crew() {}

    /**
     * Runs {@code work} for 0 to {@code count} exclusive and returns when all are done.
     *
     * @throws RuntimeException the first that a piece threw; the others are not begun then
     */
    static void run(Environment environment, int atOnce, int count, IntConsumer work) throws InterruptedException {
        var next = new AtomicInteger();
        var failure = new AtomicReference<@Nullable RuntimeException>();
        var ended = new CountDownLatch(atOnce);
        for (int worker = 0; worker < atOnce; worker++) {
            environment.tasks().start("crew", () -> {
                try {
                    for (int i = next.getAndIncrement();
                            i < count && failure.get() == null;
                            i = next.getAndIncrement()) {
                        work.accept(i);
                    }
                } catch (RuntimeException e) {
                    failure.compareAndSet(null, e);
                } finally {
                    ended.countDown();
                }
            });
        }
        ended.await();
        RuntimeException first = failure.get();
        if (first != null) {
            throw first;
        }
    }
}
