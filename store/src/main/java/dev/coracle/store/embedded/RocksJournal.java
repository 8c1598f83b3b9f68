package dev.coracle.store.embedded;

import dev.coracle.store.KeyValue;
import dev.coracle.store.mvcc.Journal;
import dev.coracle.store.mvcc.MvccStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** RocksDB as a journal of revisions. Owned by the store's writer lock. */
final class RocksJournal implements Journal {
    private static final byte[] COMPACT = {'c'};
    /** Which {@link #VERSION} of the layout this is; a store without it is of the first. */
    private static final byte[] FORMAT = {'f'};

    private static final long VERSION = 1;

    private final Options options;
    private final WriteOptions synced;
    private final RocksDB db;
    private final Room room;
    private boolean closed;

    private RocksJournal(Options options, RocksDB db, Room room) {
        this.room = room;
        this.options = options;
        this.db = db;
        this.synced = new WriteOptions().setSync(true);
    }

    /** @param room asked before each batch */
    static RocksJournal open(Path dir, Room room) {
        try {
            Files.createDirectories(dir);
            NativeLibrary.load(dir.resolve("lib").toAbsolutePath());
            Options options = new Options()
                    .setCreateIfMissing(true)
                    .setWriteBufferSize(8 << 20)
                    .setMaxWriteBufferNumber(2)
                    .setMaxBackgroundJobs(2)
                    .setKeepLogFileNum(2)
                    .setMaxOpenFiles(64)
                    // A record that was half written when the process was killed was never acknowledged. Any other
                    // damage is told, where the default would silently drop all that follows it.
                    .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
                    .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                    .setCompressionType(CompressionType.LZ4_COMPRESSION);
            RocksJournal journal = new RocksJournal(options, RocksDB.open(options, dir.toString()), room);
            journal.checkFormat(dir);
            return journal;
        } catch (RocksDBException e) {
            boolean damaged = e.getStatus() != null && e.getStatus().getCode() == Status.Code.Corruption;
            throw new IllegalStateException(
                    "cannot open the store in " + dir
                            + (damaged ? " (it is damaged: restore a copy of it)" : " (is another process using it?)")
                            + ": " + e.getMessage(),
                    e);
        } catch (IOException e) {
            throw new IllegalStateException("cannot make " + dir, e);
        }
    }

    /** What a later version wrote is left as it is: to read it as ours would lose what we do not know of. */
    private void checkFormat(Path dir) throws RocksDBException {
        byte[] known = db.get(FORMAT);
        long format = known == null ? VERSION : ByteBuffer.wrap(known).getLong();
        if (format > VERSION) {
            close();
            throw new IllegalStateException(
                    "the store in " + dir + " was written by a later version of Coracle (format " + format
                            + ", this one knows " + VERSION + "): use that version, or a copy from before");
        }
        if (known == null) {
            db.put(synced, FORMAT, ByteBuffer.allocate(8).putLong(VERSION).array());
        }
    }

    void replay(MvccStore store) {
        List<KeyValue> records = new ArrayList<>();
        Map<Long, Long> leases = new HashMap<>();
        long compacted = 0;
        try (RocksIterator it = db.newIterator()) {
            for (it.seekToFirst(); it.isValid(); it.next()) {
                byte[] key = it.key();
                switch (key[0]) {
                    case 'r' -> records.add(record(key, it.value()));
                    case 'l' ->
                        leases.put(
                                ByteBuffer.wrap(key, 1, 8).getLong(),
                                ByteBuffer.wrap(it.value()).getLong());
                    case 'f' -> {}
                    case 'c' -> compacted = ByteBuffer.wrap(it.value()).getLong();
                    default -> throw new IllegalStateException("unknown record in the store: " + (char) key[0]);
                }
            }
        }
        store.restore(records, leases, compacted);
    }

    @Override
    public void append(List<KeyValue> records) {
        try (WriteBatch batch = new WriteBatch()) {
            for (KeyValue kv : records) {
                batch.put(key(kv), value(kv));
            }
            db.write(synced, batch);
        } catch (RocksDBException e) {
            throw new IllegalStateException("the store cannot write: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean full() {
        return room.look();
    }

    @Override
    public void compact(long revision, List<KeyValue> superseded) {
        try (WriteBatch batch = new WriteBatch()) {
            for (KeyValue kv : superseded) {
                batch.delete(key(kv));
            }
            batch.put(COMPACT, ByteBuffer.allocate(8).putLong(revision).array());
            db.write(synced, batch);
        } catch (RocksDBException e) {
            throw new IllegalStateException("the store cannot compact: " + e.getMessage(), e);
        }
    }

    @Override
    public void lease(long id, long ttlSeconds) {
        try {
            db.put(
                    synced,
                    leaseKey(id),
                    ByteBuffer.allocate(8).putLong(ttlSeconds).array());
        } catch (RocksDBException e) {
            throw new IllegalStateException("the store cannot write: " + e.getMessage(), e);
        }
    }

    @Override
    public void endLease(long id) {
        try {
            db.delete(leaseKey(id));
        } catch (RocksDBException e) {
            throw new IllegalStateException("the store cannot write: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            db.close();
            synced.close();
            options.close();
        }
    }

    private static byte[] leaseKey(long id) {
        return ByteBuffer.allocate(9).put((byte) 'l').putLong(id).array();
    }

    private static byte[] key(KeyValue kv) {
        byte[] name = kv.key().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(9 + name.length)
                .put((byte) 'r')
                .putLong(kv.modRevision())
                .put(name)
                .array();
    }

    private static byte[] value(KeyValue kv) {
        return ByteBuffer.allocate(24 + kv.value().length)
                .putLong(kv.createRevision())
                .putLong(kv.version())
                .putLong(kv.lease())
                .put(kv.value())
                .array();
    }

    static KeyValue record(byte[] key, byte[] value) {
        ByteBuffer b = ByteBuffer.wrap(value);
        long create = b.getLong();
        long version = b.getLong();
        long lease = b.getLong();
        byte[] bytes = new byte[b.remaining()];
        b.get(bytes);
        long revision = ByteBuffer.wrap(key, 1, 8).getLong();
        return new KeyValue(
                new String(key, 9, key.length - 9, StandardCharsets.UTF_8), bytes, create, revision, version, lease);
    }
}
