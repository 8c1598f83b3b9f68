package dev.coracle.store.mvcc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.store.CompactedException;
import dev.coracle.store.KeyRange;
import dev.coracle.store.KeyValue;
import dev.coracle.store.Op;
import dev.coracle.store.StoreFailedException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** A disk that is full, a watcher that throws, and a store that is left alone. */
class FaultStoryTest {
    /** Knows what a disk would hold. */
    private static final class Disk implements Journal {
        final Set<String> records = new HashSet<>();
        final List<String> late = new ArrayList<>();
        final Semaphore turns = new Semaphore(Integer.MAX_VALUE);
        boolean full;
        private boolean closed;

        private void touch(String how) {
            if (closed) {
                late.add(how);
            }
        }

        private static String name(KeyValue kv) {
            return kv.modRevision() + kv.key();
        }

        @Override
        public void append(List<KeyValue> more) {
            touch("append");
            turns.acquireUninterruptibly();
            if (full) {
                throw new IllegalStateException("No space left on device");
            }
            more.forEach(kv -> records.add(name(kv)));
        }

        @Override
        public void compact(long revision, List<KeyValue> superseded) {
            touch("compact");
            superseded.forEach(kv -> records.remove(name(kv)));
        }

        @Override
        public void lease(long id, long ttlSeconds) {
            touch("lease");
        }

        @Override
        public void endLease(long id) {
            touch("endLease");
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private final VirtualEnvironment world = new VirtualEnvironment(1);
    private final Disk disk = new Disk();
    private final MvccStore store = new MvccStore(disk, world.environment());

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private long put(String key, String value) {
        return store.txn(List.of(), List.of(Op.put(key, bytes(value))), List.of())
                .revision();
    }

    @Test
    void afterAWriteThatFailedNothingIsWrittenAndNothingLostIsShown() {
        put("/a", "kept");
        assertThat(store.failure()).isEmpty();
        disk.full = true;
        assertThatThrownBy(() -> put("/a", "lost"))
                .isInstanceOf(StoreFailedException.class)
                .hasMessageContaining("No space left on device");
        assertThat(store.failure()).isPresent();

        // Room again: but what is in memory and what is on disk differ by now.
        disk.full = false;
        assertThatThrownBy(() -> put("/b", "later")).isInstanceOf(StoreFailedException.class);
        assertThatThrownBy(() -> store.grant(10)).isInstanceOf(StoreFailedException.class);
        store.compact(store.revision());
        assertThat(store.range(KeyRange.prefix("/"), 0, 0).kvs())
                .extracting(kv -> new String(kv.value(), StandardCharsets.UTF_8))
                .containsExactly("kept");
        assertThat(disk.records).hasSize(1);
    }

    @Test
    void aWatcherThatThrowsKeepsNobodyFromHearing() {
        List<Long> heard = new ArrayList<>();
        store.watch(KeyRange.prefix("/"), 0, (revision, events) -> {
            throw new IllegalStateException("planted");
        });
        store.watch(KeyRange.prefix("/"), 0, (revision, events) -> heard.add(revision));
        long first = put("/a", "1");
        long second = put("/a", "2");
        assertThat(heard).containsExactly(first, second);
    }

    @Test
    void whatIsKeptDoesNotGrowWithWhatWasWritten() {
        for (int i = 0; i < 10_000; i++) {
            put("/lease/" + i % 3, "beat " + i);
            if (i % 100 == 0) {
                store.compact(store.revision());
            }
        }
        store.compact(store.revision());
        assertThat(disk.records).hasSize(3);
        assertThatThrownBy(() -> store.range(KeyRange.prefix("/"), store.revision() - 1, 0))
                .isInstanceOf(CompactedException.class);
        assertThat(store.range(KeyRange.prefix("/lease/"), 0, 0).kvs()).hasSize(3);
    }

    @Test
    void whatIsPutUnderALeaseGoesWithItUnlessItWasPutAnew() {
        long lease = store.grant(60);
        long longer = store.grant(600);
        store.txn(List.of(), List.of(Op.put("/e/1", bytes("x"), lease)), List.of());
        store.txn(List.of(), List.of(Op.put("/e/2", bytes("x"), lease)), List.of());
        store.txn(List.of(), List.of(Op.put("/e/2", bytes("y"), longer)), List.of());
        store.txn(List.of(), List.of(Op.put("/e/3", bytes("x"), lease)), List.of());
        put("/e/3", "for ever");
        world.advance(Duration.ofSeconds(61));
        assertThat(store.range(KeyRange.prefix("/e/"), 0, 0).kvs())
                .extracting(KeyValue::key)
                .containsExactly("/e/2", "/e/3");
        world.advance(Duration.ofSeconds(600));
        assertThat(store.range(KeyRange.prefix("/e/"), 0, 0).kvs())
                .extracting(KeyValue::key)
                .containsExactly("/e/3");
    }

    /** Begins something, and returns when it waits for the store. */
    private static Thread waiting(Runnable what) {
        Thread thread = Thread.ofPlatform().start(what);
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        return thread;
    }

    @Test
    void nothingReachesADiskThatIsClosed() throws Exception {
        long lease = store.grant(60);
        store.txn(List.of(), List.of(Op.put("/leased", bytes("x"), lease)), List.of());
        disk.turns.drainPermits();
        var refused = new ConcurrentLinkedQueue<String>();
        List<Thread> threads = new ArrayList<>();
        threads.add(waiting(() -> put("/begun", "before the close")));
        threads.add(waiting(store::close));
        Map<String, Runnable> late = Map.of(
                "put", () -> put("/late", "after"),
                "grant", () -> store.grant(10),
                "revoke", () -> store.revoke(lease),
                "compact", () -> store.compact(1));
        late.forEach((how, what) -> threads.add(waiting(() -> {
            try {
                what.run();
            } catch (RuntimeException e) {
                refused.add(how);
            }
        })));
        disk.turns.release(Integer.MAX_VALUE);
        for (Thread t : threads) {
            t.join();
        }
        assertThat(disk.records).anyMatch(r -> r.endsWith("/begun"));
        assertThat(disk.late).isEmpty();
        assertThat(refused).contains("put", "grant");
    }
}
