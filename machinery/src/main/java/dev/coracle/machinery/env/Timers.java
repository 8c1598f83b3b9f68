package dev.coracle.machinery.env;

import java.time.Duration;

/** Runs work later. */
public interface Timers {
    /** Runs {@code task} once, on a thread of its own, when {@code delay} has passed, unless cancelled before. */
    Timer schedule(Duration delay, Runnable task);

    /** Runs {@code task} again and again, {@code period} after its last run ended, first after one period. */
    Timer every(Duration period, Runnable task);

    /** A pending run. Cancelling twice, or after the run, does nothing. */
    @FunctionalInterface
    interface Timer {
        void cancel();
    }
}
