package dev.coracle.bench.flowforge;

/** A queue of tasks that give their payload back. */
interface Contender {
    String name();

    /** Empties it, for a run that begins with nothing. */
    void clear();

    /** Adds one task that is due; called by several threads. */
    void add(String payload);

    /** Starts to work, so many tasks at once; the work tells {@code done} of each payload. Closing it ends that. */
    AutoCloseable work(int concurrency, Runnable done) throws Exception;

    /** Whether a task has not been recorded as finished. */
    boolean unfinished();
}
