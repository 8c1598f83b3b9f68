package dev.coracle.store.embedded;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.store.KeyValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WALRecoveryMode;

/**
 * Reads a store from its first record to its last and holds each against what the others say, without changing anything; a
 * cluster may run on it meanwhile.
 *
 * <pre>
 * r 7 /a (created 7, version 1)   r 9 /a (created 7, version 2)   r 12 /a (version 0: deleted)   r 13 /a (created 13, version 1)
 * </pre>
 */
public final class StoreCheck {
    /** More would not be read. */
    private static final int MOST = 100;

    /** How values begin that the API server has sealed; what is in them only it can tell. */
    private static final byte[] SEALED = "k8s:enc:".getBytes(StandardCharsets.US_ASCII);

    /**
     * @param revision the newest
     * @param keys that are there now
     * @param records all revisions that are kept
     * @param bytes of keys and values
     * @param sealed of the keys, how many hold what is encrypted
     * @param problems at most 100; {@code ""} never
     */
    public record Report(
            long revision, long compacted, long keys, long records, long bytes, long sealed, List<String> problems) {}

    private final Map<String, KeyValue> newest = new HashMap<>();
    private final Map<String, Long> leased = new HashMap<>();
    private final Set<Long> leases = new HashSet<>();
    private final List<String> problems = new ArrayList<>();
    private long compacted;
    private long revision = 1;
    private long records;
    private long bytes;
    private long sealed;

    private StoreCheck() {}

    /** @throws IllegalStateException when there is no store, or it cannot be opened */
    public static Report of(Path dir) {
        if (!Files.isDirectory(dir)) {
            throw new IllegalStateException("there is no store in " + dir);
        }
        StoreCheck check = new StoreCheck();
        try {
            NativeLibrary.load(dir.resolve("lib").toAbsolutePath());
        } catch (IOException e) {
            throw new IllegalStateException("the library that reads the store cannot be loaded", e);
        }
        // As the server opens it: what follows a damaged place is not to be passed over in silence.
        try (Options options = new Options().setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords);
                RocksDB db = RocksDB.openReadOnly(options, dir.toString())) {
            // Of which revisions are forgotten stands behind them.
            check.all(db, key -> key[0] != 'r');
            check.all(db, key -> key[0] == 'r');
        } catch (RocksDBException e) {
            throw new IllegalStateException("the store in " + dir + " cannot be opened: " + e.getMessage(), e);
        }
        return check.report();
    }

    private interface Which {
        boolean of(byte[] key);
    }

    private void all(RocksDB db, Which which) throws RocksDBException {
        try (RocksIterator it = db.newIterator()) {
            for (it.seekToFirst(); it.isValid(); it.next()) {
                byte[] key = it.key();
                if (key.length == 0) {
                    problem("a record without a name");
                } else if (which.of(key)) {
                    one(key, it.value());
                }
            }
            it.status();
        }
    }

    private void one(byte[] key, byte[] value) {
        switch (key[0]) {
            case 'r' -> record(key, value);
            case 'l' ->
                sized(
                        key,
                        9,
                        value,
                        8,
                        "a lease",
                        v -> leases.add(ByteBuffer.wrap(key, 1, 8).getLong()));
            case 'f' -> sized(key, 1, value, 8, "the format", v -> {});
            case 'c' -> sized(key, 1, value, 8, "the compaction", v -> compacted = v.getLong());
            default -> problem("a record of an unknown kind: " + (char) key[0]);
        }
    }

    private void sized(byte[] key, int named, byte[] value, int length, String what, Consumer<ByteBuffer> read) {
        if (key.length != named || value.length != length) {
            problem(what + " is " + key.length + " and " + value.length + " bytes long, not " + named + " and "
                    + length);
        } else {
            read.accept(ByteBuffer.wrap(value));
        }
    }

    private void record(byte[] key, byte[] value) {
        records++;
        bytes += key.length + value.length;
        if (key.length < 10 || value.length < 24) {
            problem("a revision is cut short: " + key.length + " and " + value.length + " bytes");
            return;
        }
        KeyValue kv = RocksJournal.record(key, value);
        revision = Math.max(revision, kv.modRevision());
        KeyValue before = newest.put(kv.key(), kv);
        String at = kv.key() + " at revision " + kv.modRevision();
        if (kv.version() == 0) {
            if (kv.value().length > 0) {
                problem(at + " is deleted and holds something");
            }
            leased.remove(kv.key());
            return;
        }
        boolean first = before == null || before.version() == 0;
        boolean forgotten = first && kv.createRevision() <= compacted;
        long version = first ? 1 : before.version() + 1;
        long created = first ? kv.modRevision() : before.createRevision();
        if (!forgotten && (kv.version() != version || kv.createRevision() != created)) {
            problem(at + " is version " + kv.version() + " of what was created at " + kv.createRevision()
                    + ", and the one before it says version " + version + " of " + created);
        }
        if (kv.lease() == 0) {
            leased.remove(kv.key());
        } else {
            leased.put(kv.key(), kv.lease());
        }
        readable(at, kv.value());
    }

    private void readable(String at, byte[] value) {
        if (startsWith(value, SEALED)) {
            sealed++;
        } else if (value.length > 0 && value[0] == '{') {
            try {
                Json.parse(value);
            } catch (MalformedJsonException e) {
                problem(at + " is not JSON: " + e.getMessage());
            }
        }
    }

    private static boolean startsWith(byte[] value, byte[] start) {
        return value.length >= start.length && Arrays.equals(value, 0, start.length, start, 0, start.length);
    }

    private void problem(String what) {
        if (problems.size() < MOST) {
            problems.add(what);
        }
    }

    private Report report() {
        leased.forEach((key, lease) -> {
            if (!leases.contains(lease)) {
                problem(key + " ends with lease " + lease + ", which is not there");
            }
        });
        long keys = newest.values().stream().filter(kv -> kv.version() > 0).count();
        return new Report(revision, compacted, keys, records, bytes, sealed, List.copyOf(problems));
    }
}
