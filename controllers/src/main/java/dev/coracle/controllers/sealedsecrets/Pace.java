package dev.coracle.controllers.sealedsecrets;

import dev.coracle.machinery.env.Clock;

/** Two requests a second, and two more at once: opening a value costs milliseconds, and everybody may ask. */
final class Pace {
    private static final long EACH = 500_000_000;
    private static final int BURST = 2;

    private final Clock clock;
    /** When all that was let through so far is paid for. */
    private long paid;

    Pace(Clock clock) {
        this.clock = clock;
        this.paid = clock.nanos();
    }

    synchronized boolean take() {
        long now = clock.nanos();
        if (paid - now > BURST * EACH) {
            return false;
        }
        paid = Math.max(paid, now) + EACH;
        return true;
    }
}
