package dev.coracle.apiserver.registry;

import dev.coracle.machinery.env.Timers;
import dev.coracle.store.Store;
import java.time.Duration;

/**
 * Has the store forget what was superseded more than five minutes ago, as upstream's API server does, so that a cluster
 * that is left alone does not grow. Lists and continue tokens from before are answered with 410.
 */
public final class Compaction implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMinutes(5);

    private final Store store;
    private final Timers.Timer timer;
    private long before;

    private Compaction(Store store, Timers timers) {
        this.store = store;
        this.before = store.revision();
        this.timer = timers.every(INTERVAL, this::compact);
    }

    public static Compaction start(Store store, Timers timers) {
        return new Compaction(store, timers);
    }

    private synchronized void compact() {
        store.compact(before);
        before = store.revision();
    }

    @Override
    public void close() {
        timer.cancel();
    }
}
