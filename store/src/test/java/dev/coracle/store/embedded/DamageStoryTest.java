package dev.coracle.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.store.KeyRange;
import dev.coracle.store.KeyValue;
import dev.coracle.store.Op;
import dev.coracle.store.Store;
import dev.coracle.store.StoreFullException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** What becomes of a log whose end, or middle, is not as it was written. */
class DamageStoryTest {
    private final SystemEnvironment system = new SystemEnvironment((name, e) -> e.printStackTrace());

    @TempDir
    Path dir;

    @AfterEach
    void stop() {
        system.close();
    }

    @Test
    void whileTheDiskIsNearlyFullOnlyDeletionsAreDoneAndThenAllIsAsBefore() {
        var free = new AtomicLong(Long.MAX_VALUE);
        try (Store store = EmbeddedStore.open(dir.resolve("full"), system.environment(), free::get)) {
            List<Op> a = List.of(Op.put("/a", new byte[10]));
            store.txn(List.of(), a, List.of());
            assertThat(store.full()).isFalse();

            free.set(Room.LEAST - 1);
            assertThat(store.full()).isTrue();
            assertThatThrownBy(() -> store.txn(List.of(), a, List.of()))
                    .isInstanceOf(StoreFullException.class)
                    .hasMessageStartingWith("mvcc: database space exceeded");
            assertThatThrownBy(() -> store.grant(10)).isInstanceOf(StoreFullException.class);
            long before = store.revision();
            store.txn(List.of(), List.of(Op.delete("/a")), List.of());
            assertThat(store.revision()).isEqualTo(before + 1);
            store.compact(before);
            assertThat(store.range(KeyRange.prefix("/"), 0, 0).kvs()).isEmpty();
            // A little more is not yet enough: it would be full again at once.
            free.set(Room.LEAST + 1);
            assertThat(store.full()).isTrue();

            free.set(Room.ENOUGH);
            assertThat(store.full()).isFalse();
            store.txn(List.of(), a, List.of());
            assertThat(store.failure()).isEmpty();
        }
        try (Store store = EmbeddedStore.open(dir.resolve("full"), system.environment())) {
            assertThat(store.range(KeyRange.prefix("/"), 0, 0).kvs())
                    .extracting(KeyValue::key)
                    .containsExactly("/a");
        }
    }

    /** A copy of a store of ten keys as a killed process leaves it. */
    private Path killed() throws IOException {
        Path live = dir.resolve("live");
        Path copy = dir.resolve("copy");
        try (Store store = EmbeddedStore.open(live, system.environment())) {
            for (int i = 0; i < 10; i++) {
                store.txn(List.of(), List.of(Op.put("/k/" + i, new byte[200])), List.of());
            }
            try (Stream<Path> files = Files.walk(live)) {
                for (Path p : files.toList()) {
                    if (!p.endsWith("LOCK") && !p.startsWith(live.resolve("lib"))) {
                        Files.copy(p, copy.resolve(live.relativize(p)));
                    }
                }
            }
        }
        return copy;
    }

    private static Path log(Path store) throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            return files.filter(f -> f.toString().endsWith(".log"))
                    .max(Comparator.comparing(f -> f.toFile().length()))
                    .orElseThrow();
        }
    }

    @Test
    void aRecordHalfWrittenAtTheEndIsLeftOut() throws Exception {
        Path store = killed();
        try (RandomAccessFile log = new RandomAccessFile(log(store).toFile(), "rw")) {
            log.setLength(log.length() - 20);
        }
        try (Store opened = EmbeddedStore.open(store, system.environment())) {
            assertThat(opened.range(KeyRange.prefix("/k/"), 0, 0).kvs()).hasSize(9);
        }
    }

    @Test
    void damageInTheMiddleIsToldAndNotSilentlyDropped() throws Exception {
        Path store = killed();
        try (RandomAccessFile log = new RandomAccessFile(log(store).toFile(), "rw")) {
            log.seek(log.length() / 2);
            log.write(new byte[] {1, 2, 3, 4});
        }
        assertThatThrownBy(() -> EmbeddedStore.open(store, system.environment()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("damaged");
        assertThatThrownBy(() -> StoreCheck.of(store))
                .as("who looks at it without the server")
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("cannot be opened");
    }

    @Test
    void whatALaterVersionWroteIsLeftAsItIs() throws Exception {
        Path store = dir.resolve("later");
        try (Store opened = EmbeddedStore.open(store, system.environment())) {
            opened.txn(List.of(), List.of(Op.put("/k", new byte[1])), List.of());
        }
        format(store, 2);
        assertThatThrownBy(() -> EmbeddedStore.open(store, system.environment()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith("was written by a later version of Coracle (format 2, this one knows 1): use that"
                        + " version, or a copy from before");
        format(store, 1);
        try (Store opened = EmbeddedStore.open(store, system.environment())) {
            assertThat(opened.range(KeyRange.prefix("/"), 0, 0).kvs()).hasSize(1);
        }
    }

    private static void format(Path store, long number) throws RocksDBException {
        try (Options options = new Options();
                RocksDB db = RocksDB.open(options, store.toString())) {
            db.put(new byte[] {'f'}, ByteBuffer.allocate(8).putLong(number).array());
        }
    }
}
