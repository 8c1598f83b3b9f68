package dev.coracle.store.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.store.KeyRange;
import dev.coracle.store.KeyValue;
import dev.coracle.store.Op;
import dev.coracle.store.Store;
import dev.coracle.store.StoreEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens between a commit, those who are told of it and those who wait until they have been. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WatchRaceTest {
    private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
    private final SystemEnvironment system = new SystemEnvironment((name, e) -> uncaught.add(e));
    /** Asked before a watch is told: what it returns runs. */
    private final AtomicReference<Telling> telling = new AtomicReference<>(task -> task);

    private interface Telling {
        Runnable instead(Runnable task);
    }

    @AfterEach
    void stop() {
        system.close();
    }

    private MvccStore open() {
        return open(Journal.NONE);
    }

    private MvccStore open(Journal journal) {
        Environment real = system.environment();
        Tasks tasks = (name, task) -> real.tasks()
                .start(name, name.equals("store-watch") ? telling.get().instead(task) : task);
        return new MvccStore(journal, new Environment(real.clock(), real.timers(), tasks, real.entropy()), true);
    }

    private static long put(Store store, String key) {
        return put(store, key, 0);
    }

    private static long put(Store store, String key, long lease) {
        return store.txn(List.of(), List.of(Op.put(key, new byte[] {1}, lease)), List.of())
                .revision();
    }

    /** Begins something, and returns when it waits for somebody. */
    private static Thread waiting(Runnable what) {
        Thread thread = Thread.ofPlatform().daemon().start(what);
        while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
            Thread.onSpinWait();
        }
        return thread;
    }

    private static void ended(Thread thread) throws InterruptedException {
        thread.join(10_000);
        assertThat(thread.isAlive()).as("still waits").isFalse();
    }

    @Test
    void whoAwaitsAWatchThatACommitDoesNotConcernGoesOnWithTheCommit() throws Exception {
        try (Store store = open()) {
            store.watch(KeyRange.prefix("/a/"), 0, (revision, events) -> {});
            Store.Watch other = store.watch(KeyRange.prefix("/b/"), 0, (revision, events) -> {});
            var waits = new AtomicReference<Thread>();
            telling.set(task -> {
                // The commit's own thread: the change can be read, and not everybody has been offered it.
                long now = store.revision();
                waits.set(waiting(() -> other.awaitTold(now)));
                return task;
            });
            put(store, "/a/1");
            ended(waits.get());
        }
    }

    @Test
    void whatAListenerThrowsIsNotTheEndOfItsWatch() {
        List<Long> heard = Collections.synchronizedList(new ArrayList<>());
        try (Store store = open()) {
            Store.Watch watch = store.watch(KeyRange.prefix("/"), 0, (revision, events) -> {
                heard.add(revision);
                throw new StackOverflowError("planted");
            });
            long first = put(store, "/1");
            watch.awaitTold(first);
            long second = put(store, "/2");
            watch.awaitTold(second);
            watch.close();
            assertThat(heard).containsExactly(first, second);
        }
    }

    @Test
    void nobodyWaitsForAWatchThatIsClosed() throws Exception {
        for (boolean whole : new boolean[] {false, true}) {
            Store store = open();
            var later = new AtomicReference<Runnable>(() -> {});
            telling.set(task -> {
                later.set(task);
                return () -> {};
            });
            List<Long> heard = Collections.synchronizedList(new ArrayList<>());
            Store.Watch watch = store.watch(KeyRange.prefix("/"), 0, (revision, events) -> heard.add(revision));
            long before = store.revision();
            long written = put(store, "/1");
            Thread waits = waiting(() -> watch.awaitTold(written));
            if (whole) {
                store.close();
            } else {
                watch.close();
            }
            ended(waits);
            watch.close();
            later.get().run();
            assertThat(heard).isEmpty();
            assertThat(watch.told()).as("what it was told, for ever").isEqualTo(before);
            store.close();
        }
    }

    @Test
    void aWatchThatBeginsWhileAnotherOfThePathEndsIsTold() throws Exception {
        var watchers = new Watchers();
        KeyRange range = KeyRange.prefix("/a/");
        KeyValue kv = new KeyValue("/a/1", new byte[0], 2, 2, 1, 0);
        List<StoreEvent> events = List.of(new StoreEvent(StoreEvent.Type.PUT, kv, null));
        int rounds = 5_000;
        var barrier = new CyclicBarrier(2);
        var going = new AtomicReference<Watcher>();
        Thread closer = Thread.ofPlatform().daemon().start(() -> {
            for (int i = 0; i < rounds; i++) {
                meet(barrier);
                watchers.remove(going.get());
                meet(barrier);
            }
        });
        for (int i = 0; i < rounds; i++) {
            Watcher old = watcher(range);
            watchers.add(old);
            going.set(old);
            Watcher fresh = watcher(range);
            meet(barrier);
            watchers.add(fresh);
            meet(barrier);
            List<Watcher> told = new ArrayList<>();
            watchers.select(events, (w, concerned) -> told.add(w));
            assertThat(told).as("round %d", i).containsExactly(fresh);
            watchers.remove(fresh);
        }
        closer.join();
    }

    private static Watcher watcher(KeyRange range) {
        return new Watcher(range, 0, (revision, events) -> {}, () -> 0, revision -> {}, null, w -> {});
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | java.util.concurrent.BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aWatchFromARevisionThatIsStillToComeIsToldOfNothingBefore() {
        try (Store store = open()) {
            List<Long> heard = Collections.synchronizedList(new ArrayList<>());
            Store.Watch watch =
                    store.watch(KeyRange.prefix("/"), store.revision() + 2, (revision, events) -> heard.add(revision));
            put(store, "/1");
            long second = put(store, "/2");
            watch.awaitTold(second);
            assertThat(heard).containsExactly(second);
        }
    }

    @Test
    void aListenerThatWritesAndOneThatWatchesChangeNobodysOrder() {
        try (Store store = new MvccStore(Journal.NONE, system.environment())) {
            List<Long> second = new ArrayList<>();
            List<Long> begun = new ArrayList<>();
            store.watch(KeyRange.prefix("/"), 0, (revision, events) -> {
                if (events.getFirst().current().key().equals("/cause")) {
                    store.watch(KeyRange.prefix("/"), revision, (r, e) -> begun.add(r));
                    put(store, "/effect");
                }
            });
            Store.Watch other = store.watch(KeyRange.prefix("/"), 0, (revision, events) -> second.add(revision));
            long cause = put(store, "/cause");
            assertThat(store.revision()).isEqualTo(cause + 1);
            assertThat(second).containsExactly(cause, cause + 1);
            assertThat(begun).containsExactly(cause, cause + 1);
            assertThat(other.told()).isEqualTo(cause + 1);
        }
    }

    @Test
    void aListenerThatAwaitsAWatchWhoseTurnIsStillToComeGetsIt() {
        try (Store store = new MvccStore(Journal.NONE, system.environment())) {
            List<Long> second = new ArrayList<>();
            var other = new AtomicReference<Store.Watch>();
            store.watch(KeyRange.prefix("/"), 0, (revision, events) -> {
                other.get().awaitTold(revision);
                assertThat(second).containsExactly(revision);
            });
            other.set(store.watch(KeyRange.prefix("/"), 0, (revision, events) -> second.add(revision)));
            put(store, "/1");
            assertThat(second).hasSize(1);
        }
    }

    /** Whose turn to write comes when a test says so. */
    private static final class Slow implements Journal {
        final Semaphore turns = new Semaphore(Integer.MAX_VALUE);

        @Override
        public void append(List<KeyValue> records) {
            turns.acquireUninterruptibly();
        }

        @Override
        public void compact(long revision, List<KeyValue> superseded) {}

        @Override
        public void lease(long id, long ttlSeconds) {}

        @Override
        public void endLease(long id) {}

        @Override
        public void close() {}
    }

    @Test
    void whatIsPutAnewWhileItsLeaseEndsStays() throws Exception {
        var disk = new Slow();
        try (Store store = open(disk)) {
            long lease = store.grant(600);
            put(store, "/leased", lease);
            put(store, "/kept", lease);
            disk.turns.drainPermits();
            Thread before = waiting(() -> put(store, "/before"));
            while (!disk.turns.hasQueuedThreads()) {
                Thread.onSpinWait();
            }
            Thread ends = waiting(() -> store.revoke(lease));
            Thread anew = waiting(() -> put(store, "/kept", 0));
            disk.turns.release(1_000_000);
            ended(before);
            ended(ends);
            ended(anew);
            assertThat(store.range(KeyRange.prefix("/"), 0, 0).kvs())
                    .extracting(KeyValue::key)
                    .containsExactly("/before", "/kept");
        }
    }

    @Test
    void whatIsNewestIsThereHoweverSoonItIsCompacted() throws Exception {
        try (Store store = new MvccStore(Journal.NONE, system.environment())) {
            put(store, "/a");
            Thread writer = Thread.ofPlatform().daemon().start(() -> {
                for (int i = 0; i < 10_000; i++) {
                    store.compact(put(store, "/a"));
                }
            });
            while (writer.isAlive()) {
                assertThat(store.range(KeyRange.prefix("/"), 0, 0).kvs()).hasSize(1);
            }
        }
    }
}
