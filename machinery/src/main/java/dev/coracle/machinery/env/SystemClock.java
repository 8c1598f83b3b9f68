package dev.coracle.machinery.env;

import java.time.Instant;

/** The system's clock, for what exists before any {@link Environment}, such as the JVM's logging. */
public final class SystemClock implements Clock {
    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }
}
