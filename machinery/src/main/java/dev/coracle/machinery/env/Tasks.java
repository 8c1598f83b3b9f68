package dev.coracle.machinery.env;

/** Starts concurrent work: virtual threads in production, entries of one event loop in a simulation. */
public interface Tasks {
    /**
     * Runs {@code task} concurrently under a name that shows in thread dumps. The task may block. An exception that
     * leaves it is handed to the environment's uncaught handler.
     */
    Task start(String name, Runnable task);

    /** Running work. */
    interface Task {
        /** Asks the task to end: its thread is interrupted. */
        void interrupt();

        /** Waits until the task has ended; false when {@code timeout} passed first. */
        boolean join(java.time.Duration timeout) throws InterruptedException;
    }
}
