package dev.coracle.store.memory;

import dev.coracle.machinery.env.Environment;
import dev.coracle.store.Compare;
import dev.coracle.store.KeyRange;
import dev.coracle.store.Op;
import dev.coracle.store.RangeResult;
import dev.coracle.store.Store;
import dev.coracle.store.TxnResult;
import dev.coracle.store.mvcc.Journal;
import dev.coracle.store.mvcc.MvccStore;
import java.util.List;
import java.util.Optional;

/** A store in memory alone. */
public final class MemoryStore implements Store {
    private final MvccStore store;

    public MemoryStore(Environment environment) {
        this.store = new MvccStore(Journal.NONE, environment);
    }

    @Override
    public long revision() {
        return store.revision();
    }

    @Override
    public RangeResult range(KeyRange range, long revision, int limit) {
        return store.range(range, revision, limit);
    }

    @Override
    public TxnResult txn(List<Compare> compares, List<Op> success, List<Op> failure) {
        return store.txn(compares, success, failure);
    }

    @Override
    public Watch watch(KeyRange range, long fromRevision, WatchListener listener) {
        return store.watch(range, fromRevision, listener);
    }

    @Override
    public long grant(long ttlSeconds) {
        return store.grant(ttlSeconds);
    }

    @Override
    public void keepAlive(long lease) {
        store.keepAlive(lease);
    }

    @Override
    public void revoke(long lease) {
        store.revoke(lease);
    }

    @Override
    public void compact(long revision) {
        store.compact(revision);
    }

    @Override
    public boolean full() {
        return store.full();
    }

    @Override
    public Optional<Throwable> failure() {
        return store.failure();
    }

    @Override
    public void close() {
        store.close();
    }
}
