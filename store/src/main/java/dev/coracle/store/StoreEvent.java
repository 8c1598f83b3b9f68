package dev.coracle.store;

import org.jspecify.annotations.Nullable;

/**
 * A change to one key.
 *
 * @param current what was written; for a delete, an empty value whose {@code modRevision} is the delete's
 * @param previous what was there before, if anything
 */
public record StoreEvent(
        Type type, KeyValue current, @Nullable KeyValue previous) {
    public enum Type {
        PUT,
        DELETE
    }
}
