package dev.coracle.client;

import java.time.Duration;

/**
 * Keys waiting to be worked on, as {@code client-go/util/workqueue}: a key is never handed out twice at once, a key
 * added while it is worked on comes again after, and many adds of a waiting key are one. Workers are tasks started on
 * demand, up to a limit; an idle queue costs no thread.
 */
public interface WorkQueue<K> extends AutoCloseable {
    void add(K key);

    /** Adds when {@code delay} has passed; of several times that were asked for a key, at the earliest only. */
    void addAfter(K key, Duration delay);

    /** Adds after the key's backoff: 5 ms doubling to 1000 s, reset by {@link #forget}. */
    void addRateLimited(K key);

    void forget(K key);

    /** Waiting keys, those in backoff not counted. */
    int depth();

    /** What was done so far; costs as much as there are keys being worked on. */
    LoopMetrics metrics();

    /** Drops what waits and returns when nothing is being worked on. */
    @Override
    void close();
}
