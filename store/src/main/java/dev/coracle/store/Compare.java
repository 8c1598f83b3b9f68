package dev.coracle.store;

/** A condition of a transaction. */
public sealed interface Compare {
    String key();

    /** The key's mod revision is exactly this; 0 means that it does not exist. */
    record ModRevision(String key, long expected) implements Compare {}

    /** The key's version is exactly this; 0 means that it does not exist. */
    record Version(String key, long expected) implements Compare {}

    static Compare absent(String key) {
        return new ModRevision(key, 0);
    }

    static Compare unchanged(String key, long modRevision) {
        return new ModRevision(key, modRevision);
    }
}
