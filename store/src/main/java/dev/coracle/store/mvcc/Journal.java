package dev.coracle.store.mvcc;

import dev.coracle.store.KeyValue;
import java.util.List;

/** Where revisions are kept. Called by one thread at a time. */
public interface Journal extends AutoCloseable {
    /** Returns when all of it is on disk. A key value of version 0 records a deletion. */
    void append(List<KeyValue> records);

    /** The records of these keys at these revisions are not needed any more. */
    void compact(long revision, List<KeyValue> superseded);

    /** Whether there is too little room to {@link #append} anything but deletions. Asked before each batch. */
    default boolean full() {
        return false;
    }

    void lease(long id, long ttlSeconds);

    void endLease(long id);

    @Override
    void close();

    /** Keeps nothing. */
    Journal NONE = new Journal() {
        @Override
        public void append(List<KeyValue> records) {}

        @Override
        public void compact(long revision, List<KeyValue> superseded) {}

        @Override
        public void lease(long id, long ttlSeconds) {}

        @Override
        public void endLease(long id) {}

        @Override
        public void close() {}
    };
}
