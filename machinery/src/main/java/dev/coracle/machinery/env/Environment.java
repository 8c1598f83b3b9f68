package dev.coracle.machinery.env;

import java.time.Duration;

/** Everything a component takes from the world besides its peers, in one value to pass to constructors. */
public record Environment(Clock clock, Timers timers, Tasks tasks, Entropy entropy) {
    /** Blocks the calling task for {@code duration}; woken early only by an interrupt. */
    public void sleep(Duration duration) throws InterruptedException {
        var woken = new java.util.concurrent.CountDownLatch(1);
        Timers.Timer timer = timers.schedule(duration, woken::countDown);
        try {
            woken.await();
        } finally {
            timer.cancel();
        }
    }
}
