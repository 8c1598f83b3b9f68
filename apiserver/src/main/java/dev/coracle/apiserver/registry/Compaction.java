package dev.coracle.apiserver.registry;

import dev.coracle.machinery.env.Timers;
import dev.coracle.store.KeyRange;
import dev.coracle.store.Store;
import dev.coracle.store.StoreEvent;
import java.time.Duration;
import java.util.List;

/**
 * Has the store forget what was superseded more than five minutes ago, as upstream's API server does, so that a cluster
 * that is left alone does not grow; and earlier where so much is written that five minutes of it would fill the memory. Lists
 * and continue tokens from before are answered with 410.
 */
public final class Compaction implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMinutes(5);
    /** What a record takes besides its text. */
    private static final int RECORD = 200;

    private final Store store;
    private final long most;
    private final Timers.Timer timer;
    private final Store.Watch watch;
    private long before;
    private long since;

    private Compaction(Store store, Timers timers, long most) {
        this.store = store;
        this.most = most;
        this.before = store.revision();
        this.timer = timers.every(INTERVAL, this::compact);
        this.watch = store.watch(KeyRange.prefix("/"), 0, this::written);
    }

    /** @param most bytes of what was superseded that may be kept, roughly */
    public static Compaction start(Store store, Timers timers, long most) {
        return new Compaction(store, timers, most);
    }

    private void written(long revision, List<StoreEvent> events) {
        long bytes = 0;
        for (StoreEvent e : events) {
            bytes += RECORD + e.current().key().length() + e.current().value().length;
        }
        boolean much;
        synchronized (this) {
            since += bytes;
            // What is kept is what was written since this, and as much before it.
            much = since > most / 2;
        }
        if (much) {
            compact();
        }
    }

    private void compact() {
        long forgotten;
        synchronized (this) {
            forgotten = before;
            before = store.revision();
            since = 0;
        }
        // Without the lock: who writes may hold the store's, and be about to tell this of it.
        store.compact(forgotten);
    }

    @Override
    public void close() {
        timer.cancel();
        watch.close();
    }
}
