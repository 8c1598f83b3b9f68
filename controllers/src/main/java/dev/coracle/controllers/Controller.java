package dev.coracle.controllers;

import dev.coracle.client.LoopMetrics;
import dev.coracle.client.WorkQueue;

/** One loop. It works from when it is constructed, as soon as what it looks into is synced. */
public interface Controller extends AutoCloseable {
    /** What waits to be looked at. */
    WorkQueue<?> queue();

    default LoopMetrics metrics() {
        return queue().metrics();
    }

    /** Returns when nothing is being worked on any more. */
    @Override
    default void close() {
        queue().close();
    }
}
