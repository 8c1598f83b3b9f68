package dev.coracle.controllers.externalsecrets;

import dev.coracle.machinery.object.ObjectKey;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What went wrong with which key, how often in a row: each time it waits twice as long, and what is known is not news. */
final class Failures {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LAST = Duration.ofMinutes(10);
    private static final int DOUBLINGS = 10;

    private record Failure(int times, String text) {}

    private final Map<ObjectKey, Failure> failures = new ConcurrentHashMap<>();

    /** Whether that is news. */
    boolean add(ObjectKey key, String text) {
        Failure before = failures.get(key);
        failures.put(key, new Failure(before == null ? 1 : before.times() + 1, text));
        return before == null || !before.text().equals(text);
    }

    Duration delay(ObjectKey key) {
        Failure failure = failures.get(key);
        int times = failure == null ? 1 : failure.times();
        Duration delay = FIRST.multipliedBy(1L << Math.min(times - 1, DOUBLINGS));
        return delay.compareTo(LAST) < 0 ? delay : LAST;
    }

    void forget(ObjectKey key) {
        failures.remove(key);
    }
}
