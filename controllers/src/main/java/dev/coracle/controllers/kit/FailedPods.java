package dev.coracle.controllers.kit;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * How long a failed pod is left in its place: a kubelet that refuses what it is given would otherwise get it again at once,
 * for ever. The first goes at once, the next 1 s later, then 2 s, up to 15 min; forgotten after twice that.
 */
public final class FailedPods {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LAST = Duration.ofMinutes(15);

    /**
     * A new template may do better, and begins anew.
     *
     * @param place a node, or the name that a pod has in its row
     */
    public record Key(String uid, long generation, String place) {}

    private record Wait(Duration length, Instant since) {
        boolean isForgotten(Instant now) {
            return Duration.between(since, now).compareTo(LAST.multipliedBy(2)) > 0;
        }
    }

    private final Map<Key, Wait> waits = new HashMap<>();

    /** How long still; zero when a pod may be deleted. */
    public synchronized Duration remaining(Key key, Instant now) {
        Wait wait = waits.get(key);
        if (wait == null || wait.isForgotten(now)) {
            return Duration.ZERO;
        }
        Duration left = Duration.between(now, wait.since().plus(wait.length()));
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** A failed pod is being deleted. */
    public synchronized void failed(Key key, Instant now) {
        waits.values().removeIf(w -> w.isForgotten(now));
        Wait wait = waits.get(key);
        Duration length = wait == null ? FIRST : wait.length().multipliedBy(2);
        waits.put(key, new Wait(length.compareTo(LAST) > 0 ? LAST : length, now));
    }
}
