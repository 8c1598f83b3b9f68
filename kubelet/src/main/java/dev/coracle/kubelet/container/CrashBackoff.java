package dev.coracle.kubelet.container;

import dev.coracle.machinery.env.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How long a container that ended waits before it is started again: not at all the first time, then 10 s doubling to
 * 5 min; forgotten when it has run well for twice that.
 *
 * <pre>
 * ends at 0:00 → starts at once; ends at 0:01 → starts at 0:11; ends at 0:12 → starts at 0:32; …
 * </pre>
 */
public final class CrashBackoff {
    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration LAST = Duration.ofMinutes(5);

    private final Clock clock;
    private Duration delay = Duration.ZERO;
    private @Nullable Instant changed;

    public CrashBackoff(Clock clock) {
        this.clock = clock;
    }

    /** What is left to wait for one that ended at {@code ended}; zero when it may start. */
    public Duration remaining(Instant ended) {
        if (expired(ended)) {
            return Duration.ZERO;
        }
        Duration left = Duration.between(clock.now(), ended.plus(delay));
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** The whole of the present wait. */
    public Duration delay() {
        return delay;
    }

    /** To be called when it is started again after having ended at {@code ended}. */
    public void restarted(Instant ended) {
        Duration doubled = delay.multipliedBy(2);
        delay = expired(ended) ? FIRST : doubled.compareTo(LAST) > 0 ? LAST : doubled;
        changed = clock.now();
    }

    private boolean expired(Instant ended) {
        Instant last = changed;
        return last == null || Duration.between(last, ended).compareTo(LAST.multipliedBy(2)) > 0;
    }

    /** As Go prints a duration of whole seconds: {@code 10s}, {@code 1m20s}, {@code 5m0s}. */
    public static String text(Duration d) {
        long s = d.toSeconds();
        return s < 60
                ? s + "s"
                : s < 3600 ? s / 60 + "m" + s % 60 + "s" : s / 3600 + "h" + s % 3600 / 60 + "m" + s % 60 + "s";
    }
}
