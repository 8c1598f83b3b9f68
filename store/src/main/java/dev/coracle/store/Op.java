package dev.coracle.store;

/** One step of a transaction. */
public sealed interface Op {
    /** @param value must not be changed afterwards */
    record Put(String key, byte[] value, long lease) implements Op {}

    record Delete(KeyRange range) implements Op {}

    record Range(KeyRange range, int limit) implements Op {}

    static Op put(String key, byte[] value) {
        return new Put(key, value, 0);
    }

    /** Until the lease ends; 0 is none. */
    static Op put(String key, byte[] value, long lease) {
        return new Put(key, value, lease);
    }

    static Op delete(String key) {
        return new Delete(KeyRange.key(key));
    }

    static Op get(String key) {
        return new Range(KeyRange.key(key), 0);
    }
}
