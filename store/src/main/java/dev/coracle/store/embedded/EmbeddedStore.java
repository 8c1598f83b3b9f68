package dev.coracle.store.embedded;

import dev.coracle.machinery.env.Environment;
import dev.coracle.store.Store;
import dev.coracle.store.mvcc.MvccStore;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/** Opens the durable store. */
public final class EmbeddedStore {
    private EmbeddedStore() {}

    /**
     * Opens or makes the store in {@code dir}; only one process can have it open.
     *
     * @throws IllegalStateException when it is open elsewhere or cannot be read
     */
    public static Store open(Path dir, Environment environment) {
        return open(dir, environment, () -> dir.toFile().getUsableSpace());
    }

    /** @param free how many bytes the disk has left */
    static Store open(Path dir, Environment environment, LongSupplier free) {
        RocksJournal journal = RocksJournal.open(dir, new Room(free));
        MvccStore store = new MvccStore(journal, environment, true);
        try {
            journal.replay(store);
        } catch (RuntimeException | Error e) {
            store.close();
            throw e;
        }
        return store;
    }
}
