package dev.coracle.store;

/**
 * The store could not write, and takes nothing more until it is opened anew: whether that last write is on disk nobody
 * knows. What was acknowledged before it is safe, and can still be read.
 */
public final class StoreFailedException extends IllegalStateException {
    public StoreFailedException(Throwable cause) {
        super("the store has stopped: " + cause.getMessage(), cause);
    }
}
