package dev.coracle.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.store.Op;
import dev.coracle.store.Store;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

class StoreCheckTest {
    private final SystemEnvironment system = new SystemEnvironment((name, e) -> e.printStackTrace());

    @TempDir
    Path dir;

    @AfterEach
    void stop() {
        system.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Two keys, one written thrice and compacted once, one that came, went and came again under a lease. */
    private void fill(Store store) {
        for (int i = 0; i < 3; i++) {
            store.txn(List.of(), List.of(Op.put("/a", bytes("{\"i\": " + i + "}"))), List.of());
        }
        store.compact(store.revision());
        store.txn(List.of(), List.of(Op.put("/a", bytes("{}"))), List.of());
        store.txn(List.of(), List.of(Op.put("/b", bytes("k8s:enc:aesgcm:v1:k:…"))), List.of());
        store.txn(List.of(), List.of(Op.delete("/b")), List.of());
        long lease = store.grant(1_000);
        store.txn(List.of(), List.of(Op.put("/b", bytes("{}"), lease)), List.of());
    }

    private void spoil(byte[] key, byte[] value) throws RocksDBException {
        try (Options options = new Options();
                RocksDB db = RocksDB.open(options, dir.toString())) {
            db.put(key, value);
        }
    }

    private static byte[] key(long revision, String name) {
        return ByteBuffer.allocate(9 + name.length())
                .put((byte) 'r')
                .putLong(revision)
                .put(bytes(name))
                .array();
    }

    private static byte[] value(long created, long version, long lease, String text) {
        return ByteBuffer.allocate(24 + text.length())
                .putLong(created)
                .putLong(version)
                .putLong(lease)
                .put(bytes(text))
                .array();
    }

    @Test
    void aStoreThatWasOnlyWrittenToIsWholeAlsoWhileItIsOpen() {
        try (Store store = EmbeddedStore.open(dir, system.environment())) {
            fill(store);
            assertThat(StoreCheck.of(dir).problems()).isEmpty();
        }
        StoreCheck.Report r = StoreCheck.of(dir);
        assertThat(r.problems()).isEmpty();
        assertThat(r.keys()).isEqualTo(2);
        assertThat(r.revision()).isEqualTo(8);
        assertThat(r.compacted()).isEqualTo(4);
        assertThat(r.sealed()).isEqualTo(1);
    }

    @Test
    void whatDoesNotAgreeIsToldByItsKeyAndRevision() throws RocksDBException {
        try (Store store = EmbeddedStore.open(dir, system.environment())) {
            fill(store);
        }
        spoil(key(20, "/a"), value(2, 9, 0, "{}"));
        spoil(key(21, "/c"), value(21, 1, 77, "{\"cut"));
        spoil(key(22, "/d"), value(0, 0, 0, "left over"));
        spoil(new byte[] {'r', 0, 0}, new byte[3]);
        spoil(new byte[] {'x'}, new byte[3]);
        spoil(new byte[] {'l', 1}, new byte[3]);
        assertThat(StoreCheck.of(dir).problems())
                .anyMatch(p -> p.startsWith("/a at revision 20 is version 9 of what was created at 2"))
                .anyMatch(p -> p.startsWith("/c at revision 21 is not JSON"))
                .anyMatch(p -> p.equals("/c ends with lease 77, which is not there"))
                .anyMatch(p -> p.equals("/d at revision 22 is deleted and holds something"))
                .anyMatch(p -> p.startsWith("a revision is cut short"))
                .anyMatch(p -> p.equals("a record of an unknown kind: x"))
                .anyMatch(p -> p.startsWith("a lease is 2 and 3 bytes long"))
                .hasSize(7);
    }

    @Test
    void whereThereIsNoneThatIsSaid() {
        assertThatThrownBy(() -> StoreCheck.of(dir.resolve("nowhere"))).hasMessageContaining("there is no store in");
        assertThatThrownBy(() -> StoreCheck.of(dir)).hasMessageContaining("cannot be opened");
    }
}
