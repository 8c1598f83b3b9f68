package dev.coracle.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.store.embedded.EmbeddedStore;
import dev.coracle.store.memory.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is told of what, and when. */
@Timeout(60)
class WatchContractTest {
    private final SystemEnvironment system = new SystemEnvironment((name, e) -> e.printStackTrace());

    @TempDir
    Path dir;

    @AfterEach
    void stop() {
        system.close();
    }

    private Store open(String maker) {
        return maker.equals("memory")
                ? new MemoryStore(system.environment())
                : EmbeddedStore.open(dir, system.environment());
    }

    private static long put(Store store, String key) {
        return store.txn(List.of(), List.of(Op.put(key, key.getBytes(StandardCharsets.UTF_8))), List.of())
                .revision();
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "embedded"})
    void everyOneIsToldOfItsRangeAndOfNothingElse(String maker) {
        Map<String, KeyRange> ranges = Map.of(
                "all", KeyRange.prefix("/"),
                "a", KeyRange.prefix("/a/"),
                "ab", KeyRange.prefix("/a/b/"),
                "begins", KeyRange.prefix("/a/b"),
                "one", KeyRange.key("/a/b/c"),
                "other", KeyRange.prefix("/other/"));
        Map<String, Set<String>> seen = new ConcurrentHashMap<>();
        try (Store store = open(maker)) {
            List<Store.Watch> watches = new ArrayList<>();
            ranges.forEach((name, range) -> watches.add(store.watch(
                    range,
                    0,
                    (revision, events) ->
                            events.forEach(e -> seen.computeIfAbsent(name, n -> ConcurrentHashMap.newKeySet())
                                    .add(e.current().key())))));
            for (String key : List.of("/a/b/c", "/a/b/d", "/a/bc", "/a", "/b/c")) {
                put(store, key);
            }
            watches.forEach(w -> w.awaitTold(store.revision()));
        }
        assertThat(seen.get("all")).hasSize(5);
        assertThat(seen.get("a")).containsExactlyInAnyOrder("/a/b/c", "/a/b/d", "/a/bc");
        assertThat(seen.get("ab")).containsExactlyInAnyOrder("/a/b/c", "/a/b/d");
        assertThat(seen.get("begins")).containsExactlyInAnyOrder("/a/b/c", "/a/b/d", "/a/bc");
        assertThat(seen.get("one")).containsExactly("/a/b/c");
        assertThat(seen).doesNotContainKey("other");
    }

    @Test
    void aSlowListenerHoldsUpNeitherWritersNorOthers() throws Exception {
        try (Store store = open("embedded")) {
            var begun = new CountDownLatch(1);
            var goOn = new CountDownLatch(1);
            Store.Watch slow = store.watch(KeyRange.prefix("/a/"), 0, (revision, events) -> {
                begun.countDown();
                await(goOn);
            });
            Set<String> seen = Collections.synchronizedSet(new HashSet<>());
            Store.Watch quick = store.watch(
                    KeyRange.prefix("/a/"),
                    0,
                    (revision, events) -> seen.add(events.getFirst().current().key()));
            long first = put(store, "/a/1");
            begun.await();
            long second = put(store, "/a/2");
            quick.awaitTold(second);
            assertThat(seen).containsExactlyInAnyOrder("/a/1", "/a/2");
            assertThat(slow.told()).isEqualTo(first - 1);
            goOn.countDown();
            slow.awaitTold(second);
            assertThat(slow.told()).isEqualTo(second);
        }
    }

    @Test
    void nothingIsToldAfterAWatchIsClosedNotEvenWhatWasOnItsWay() throws Exception {
        try (Store store = open("embedded")) {
            var begun = new CountDownLatch(1);
            var goOn = new CountDownLatch(1);
            List<Long> seen = Collections.synchronizedList(new ArrayList<>());
            Store.Watch watch = store.watch(KeyRange.prefix("/"), 0, (revision, events) -> {
                begun.countDown();
                await(goOn);
                seen.add(revision);
            });
            long first = put(store, "/1");
            put(store, "/2");
            begun.await();
            var closer = system.environment().tasks().start("closer", watch::close);
            goOn.countDown();
            assertThat(closer.join(java.time.Duration.ofSeconds(30))).isTrue();
            int told = seen.size();
            put(store, "/3");
            assertThat(seen).startsWith(first).hasSize(told);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "embedded"})
    void aListenerMayEndItsOwnWatch(String maker) {
        try (Store store = open(maker)) {
            var watch = new AtomicReference<Store.Watch>();
            List<Long> seen = Collections.synchronizedList(new ArrayList<>());
            watch.set(store.watch(KeyRange.prefix("/"), 0, (revision, events) -> {
                seen.add(revision);
                watch.get().close();
            }));
            long first = put(store, "/1");
            watch.get().awaitTold(first);
            put(store, "/2");
            watch.get().close();
            assertThat(seen).containsExactly(first);
        }
    }

    @Test
    void whoWritesWhileTheStoreClosesIsAnsweredAndWhatWasAcknowledgedIsThere() throws Exception {
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        int writers = 8;
        var ended = new CountDownLatch(writers);
        Store store = open("embedded");
        for (int w = 0; w < writers; w++) {
            String prefix = "/" + w + "/";
            system.environment().tasks().start("writer", () -> {
                try {
                    for (int i = 0; ; i++) {
                        put(store, prefix + i);
                        acknowledged.add(prefix + i);
                    }
                } catch (IllegalStateException closed) {
                    ended.countDown();
                }
            });
        }
        while (acknowledged.size() < 200) {
            Thread.onSpinWait();
        }
        store.close();
        ended.await();
        try (Store again = open("embedded")) {
            Set<String> there = new HashSet<>();
            again.range(KeyRange.prefix("/"), 0, 0).kvs().forEach(kv -> there.add(kv.key()));
            assertThat(there).containsAll(acknowledged);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
