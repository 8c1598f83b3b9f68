package dev.coracle.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.store.embedded.EmbeddedStore;
import dev.coracle.store.memory.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every maker of the store must do, told on each. */
class StoreContractTest {
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

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static long put(Store store, String key, String value) {
        return store.txn(List.of(), List.of(Op.put(key, bytes(value))), List.of())
                .revision();
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "embedded"})
    void aReadAtARevisionSeesThatRevision(String maker) {
        try (Store store = open(maker)) {
            long first = put(store, "/a/1", "one");
            long second = put(store, "/a/1", "two");
            put(store, "/b/1", "other");
            store.txn(List.of(), List.of(Op.delete("/a/1")), List.of());

            assertThat(store.range(KeyRange.prefix("/a/"), first, 0).kvs())
                    .extracting(kv -> new String(kv.value(), StandardCharsets.UTF_8))
                    .containsExactly("one");
            KeyValue two = store.range(KeyRange.key("/a/1"), second, 0).kvs().getFirst();
            assertThat(two.version()).isEqualTo(2);
            assertThat(two.createRevision()).isEqualTo(first);
            assertThat(store.range(KeyRange.prefix("/a/"), 0, 0).kvs()).isEmpty();
            assertThatThrownBy(() -> store.range(KeyRange.key("/a/1"), 99, 0))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "embedded"})
    void ofTwoWhoWriteFromTheSameRevisionOneFails(String maker) {
        try (Store store = open(maker)) {
            long rev = put(store, "/k", "v");
            var compare = List.<Compare>of(Compare.unchanged("/k", rev));
            TxnResult won = store.txn(compare, List.of(Op.put("/k", bytes("a"))), List.of(Op.get("/k")));
            TxnResult lost = store.txn(compare, List.of(Op.put("/k", bytes("b"))), List.of(Op.get("/k")));

            assertThat(won.succeeded()).isTrue();
            assertThat(lost.succeeded()).isFalse();
            assertThat(lost.revision()).isEqualTo(won.revision());
            assertThat(lost.ranges().getFirst().kvs().getFirst().value()).isEqualTo(bytes("a"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "embedded"})
    void aWatchSeesEachChangeAfterItsRevisionOnceAndInOrder(String maker) throws Exception {
        try (Store store = open(maker)) {
            put(store, "/w/0", "before");
            long from = store.revision() + 1;
            var seen = Collections.synchronizedList(new ArrayList<Long>());
            int writers = 4;
            var done = new CountDownLatch(writers);
            for (int w = 0; w < writers; w++) {
                String key = "/w/" + w;
                system.environment().tasks().start("writer", () -> {
                    for (int i = 0; i < 50; i++) {
                        put(store, key, "" + i);
                    }
                    done.countDown();
                });
            }
            Store.Watch early = store.watch(KeyRange.prefix("/w/"), from, (r, e) -> seen.add(r));
            done.await();
            var late = Collections.synchronizedList(new ArrayList<Long>());
            for (Store.Watch w : List.of(early, store.watch(KeyRange.prefix("/w/"), from, (r, e) -> late.add(r)))) {
                w.awaitTold(store.revision());
                w.close();
            }

            List<Long> all = LongStream.range(from, from + 200).boxed().toList();
            assertThat(seen).isEqualTo(all);
            assertThat(late).isEqualTo(all);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "embedded"})
    void compactionForgetsThePastAndKeepsThePresent(String maker) {
        try (Store store = open(maker)) {
            long first = put(store, "/k", "1");
            long second = put(store, "/k", "2");
            put(store, "/k", "3");
            store.compact(second);

            assertThatThrownBy(() -> store.range(KeyRange.key("/k"), first, 0)).isInstanceOf(CompactedException.class);
            assertThatThrownBy(() -> store.watch(KeyRange.key("/k"), first, (r, e) -> {}))
                    .isInstanceOf(CompactedException.class);
            assertThat(store.range(KeyRange.key("/k"), second, 0)
                            .kvs()
                            .getFirst()
                            .value())
                    .isEqualTo(bytes("2"));
            assertThat(store.range(KeyRange.key("/k"), 0, 0).kvs().getFirst().version())
                    .isEqualTo(3);
        }
    }

    @Test
    void theEmbeddedStoreIsAsItWasAfterReopening() {
        long revision;
        try (Store store = open("embedded")) {
            put(store, "/k", "1");
            long two = put(store, "/k", "2");
            put(store, "/gone", "x");
            store.txn(List.of(), List.of(Op.delete("/gone")), List.of());
            store.compact(two);
            revision = store.revision();
        }
        try (Store store = open("embedded")) {
            assertThat(store.revision()).isEqualTo(revision);
            assertThat(store.range(KeyRange.prefix("/"), 0, 0).kvs())
                    .extracting(KeyValue::key)
                    .containsExactly("/k");
            assertThat(put(store, "/k", "3")).isEqualTo(revision + 1);
        }
    }

    @Test
    void aLeaseTakesItsKeysWithIt() {
        try (Store store = open("memory")) {
            long lease = store.grant(3600);
            store.txn(List.of(), List.of(new Op.Put("/leased", bytes("x"), lease)), List.of());
            put(store, "/kept", "y");
            store.revoke(lease);
            assertThat(store.range(KeyRange.prefix("/"), 0, 0).kvs())
                    .extracting(KeyValue::key)
                    .containsExactly("/kept");
        }
    }
}
