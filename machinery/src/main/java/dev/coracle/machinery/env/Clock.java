package dev.coracle.machinery.env;

import java.time.Duration;
import java.time.Instant;

/** The wall clock and a monotonic one. */
public interface Clock {
    /** The time of day, as timestamps in objects use it. */
    Instant now();

    /** Nanoseconds from an arbitrary origin that never go backwards; only differences mean something. */
    long nanos();

    /** How long ago {@code since} (an earlier value of {@link #nanos()}) was. */
    default Duration elapsed(long since) {
        return Duration.ofNanos(nanos() - since);
    }
}
