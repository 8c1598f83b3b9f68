package dev.coracle.apiserver.registry;

import dev.coracle.machinery.env.Clock;
import dev.coracle.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * The store's leases for objects that are kept for a while. Those that are written close together share one, so that there
 * are few: of events that live an hour, some sixty however many there are.
 */
final class Leases {
    private static final Duration SHARED = Duration.ofMinutes(1);

    private record Granted(long id, Instant until) {}

    private final Store store;
    private final Clock clock;
    private final Map<Duration, Granted> newest = new HashMap<>();

    Leases(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /** One that lasts at least {@code life}; 0, which is none, for {@link Duration#ZERO}. */
    synchronized long of(Duration life) {
        if (life.isZero()) {
            return 0;
        }
        Granted known = newest.get(life);
        Instant now = clock.now();
        if (known == null || !now.isBefore(known.until())) {
            known = new Granted(store.grant(life.plus(SHARED).toSeconds()), now.plus(SHARED));
            newest.put(life, known);
        }
        return known.id();
    }
}
