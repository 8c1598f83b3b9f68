package dev.coracle.flowforge.queue;

/** What became of a {@link NewTask}, and the task that now stands under its idempotency key, if it has one. */
public record Added(Task task, Outcome outcome) {
    public enum Outcome {
        /** It is in the queue. */
        QUEUED,
        /** The same request came before; this is its task, which may be done by now. */
        REPEATED,
        /** The key came before with another request; nothing was added. */
        KEY_TAKEN
    }
}
