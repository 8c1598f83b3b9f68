package dev.coracle.machinery.env;

/** Starts concurrent work: virtual threads in production, entries of one event loop in a simulation. */
public interface Tasks {
    /**
     * Runs {@code task} concurrently under a name that shows in thread dumps. The task may block. An exception that
     * leaves it is handed to the environment's uncaught handler.
     */
    Task start(String name, Runnable task);

    /**
     * As {@link #start}, for work that goes on for long and spends its time in native calls, the disk's above all: it has
     * a thread of the system to itself, where there are such, so that no other task waits for one.
     */
    default Task startApart(String name, Runnable task) {
        return start(name, task);
    }

    /** Running work. */
    interface Task {
        /** Asks the task to end: its thread is interrupted. */
        void interrupt();

        /** Waits until the task has ended; false when {@code timeout} passed first. */
        boolean join(java.time.Duration timeout) throws InterruptedException;
    }
}
