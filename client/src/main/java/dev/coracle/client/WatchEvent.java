package dev.coracle.client;

import dev.coracle.machinery.object.Revision;

/** @param revision for {@code BOOKMARK}, an object that has only kind, apiVersion and resourceVersion */
public record WatchEvent(Type type, Revision revision) {
    public enum Type {
        ADDED,
        MODIFIED,
        DELETED,
        BOOKMARK
    }
}
