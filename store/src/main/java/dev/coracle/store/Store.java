package dev.coracle.store;

import java.util.List;
import java.util.Optional;

/**
 * Keys with a history, as etcd keeps them. Safe for any number of threads.
 *
 * <p>What a returned {@link #txn} wrote is on disk and found again after {@code kill -9} (for makers that have a disk).
 */
public interface Store extends AutoCloseable {
    /** The newest revision; 1 in an empty store, as in etcd. */
    long revision();

    /**
     * The key-value pairs whose keys lie in {@code range}, in key order, as they were at {@code revision} (0: now).
     *
     * @param limit at most so many; 0 is no limit. {@link RangeResult#more()} and {@code count} tell what was left out
     * @throws CompactedException when {@code revision} is older than the last compaction
     * @throws IllegalArgumentException when {@code revision} is in the future
     */
    RangeResult range(KeyRange range, long revision, int limit);

    /**
     * Checks every compare and then does all of {@code success} or all of {@code failure}, in one revision.
     *
     * @throws StoreFailedException when it, or one before it, could not be written
     * @throws StoreFullException when it puts something and there is no room; nothing of it is done then
     */
    TxnResult txn(List<Compare> compares, List<Op> success, List<Op> failure);

    /**
     * Every change to keys in {@code range} with a revision of at least {@code fromRevision} (0: from the next one on),
     * each exactly once, in order. Events of one revision arrive in one call.
     *
     * @throws CompactedException when {@code fromRevision} is older than the last compaction
     */
    Watch watch(KeyRange range, long fromRevision, WatchListener listener);

    /** A lease of {@code ttlSeconds}; keys put under it are deleted when it ends. */
    long grant(long ttlSeconds);

    void keepAlive(long lease);

    void revoke(long lease);

    /** Forgets what was superseded before {@code revision}: reads and watches before it fail from now on. */
    void compact(long revision);

    /** Whether it only takes deletions, for want of room. */
    boolean full();

    /** Why nothing can be written any more; empty while all is well. */
    Optional<Throwable> failure();

    @Override
    void close();

    /** A running watch; {@link #close()} ends it, and no event is delivered after it returns. */
    interface Watch extends AutoCloseable {
        /**
         * Its listener has been told of all changes up to this revision, and has returned; at most {@link #revision}. A
         * write may be acknowledged before those who watch are told of it.
         */
        long told();

        /**
         * Waits until {@link #told} is at least so much, or the watch is closed.
         *
         * @param revision of a write that has been acknowledged; not to be awaited by a listener
         */
        void awaitTold(long revision);

        @Override
        void close();
    }

    /** Receives events one call at a time, each in its turn. One that is slow holds up nobody but itself. */
    interface WatchListener {
        /**
         * @param revision the store's revision these events bring the watcher to
         * @param events the changes of that revision, in the order they were made
         */
        void onEvents(long revision, List<StoreEvent> events);
    }
}
