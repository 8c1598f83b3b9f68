package dev.coracle.machinery.env;

import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Pieces of work of which some run at once. Whoever asks for them works too, and others only help: in a world where tasks
 * run one after the other, a simulation say, the asker does it all. For writes this is worth more than there are cores,
 * since a disk takes many with one flush.
 */
public final class Together {
    private final int count;
    private final IntConsumer work;
    private int next;
    private int running;
    private @Nullable RuntimeException failure;

    private Together(int count, IntConsumer work) {
        this.count = count;
        this.work = work;
    }

    /**
     * Runs {@code work} for 0 to {@code count} exclusive, begun in this order, and returns when all are done.
     *
     * @param atOnce how many at most
     * @throws RuntimeException the first that a piece threw; no other is begun after it
     */
    public static void run(Tasks tasks, int atOnce, int count, IntConsumer work) {
        Together all = new Together(count, work);
        for (int helper = 1; helper < Math.min(atOnce, count); helper++) {
            tasks.start("together", all::help);
        }
        all.help();
        all.await();
        if (all.failure != null) {
            throw all.failure;
        }
    }

    private void help() {
        for (int i = begin(); i >= 0; i = begin()) {
            try {
                work.accept(i);
                end(null);
            } catch (RuntimeException e) {
                end(e);
            } catch (Error e) {
                end(new IllegalStateException(e));
            }
        }
    }

    /** The next piece; -1 where none is left to begin. */
    private synchronized int begin() {
        if (next == count || failure != null) {
            return -1;
        }
        running++;
        return next++;
    }

    private synchronized void end(@Nullable RuntimeException thrown) {
        if (failure == null) {
            failure = thrown;
        }
        running--;
        notifyAll();
    }

    /** What was begun is waited for, come what may: its caller may not find it going on behind its back. */
    private synchronized void await() {
        boolean interrupted = false;
        while (running > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
