package dev.coracle.apiserver.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.store.CompactedException;
import dev.coracle.store.KeyRange;
import dev.coracle.store.Op;
import dev.coracle.store.memory.MemoryStore;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CompactionTest {
    private static final KeyRange ALL = KeyRange.prefix("/");

    private final VirtualEnvironment world = new VirtualEnvironment(1);
    private final MemoryStore store = new MemoryStore(world.environment());
    private final Compaction compaction =
            Compaction.start(store, world.environment().timers(), 100_000);

    @AfterEach
    void stop() {
        compaction.close();
        store.close();
    }

    private long put(int bytes) {
        return store.txn(List.of(), List.of(Op.put("/a", new byte[bytes])), List.of())
                .revision();
    }

    @Test
    void whatWasSupersededIsForgottenAfterFiveMinutes() {
        long first = put(10);
        long second = put(10);
        world.advance(Duration.ofMinutes(5));
        assertThat(store.range(ALL, first, 0).kvs()).hasSize(1);
        world.advance(Duration.ofMinutes(5));
        assertThatThrownBy(() -> store.range(ALL, first, 0)).isInstanceOf(CompactedException.class);
        assertThat(store.range(ALL, second, 0).kvs()).hasSize(1);
    }

    @Test
    void whereMuchIsWrittenItIsForgottenEarlierButNeverTheLastOfIt() {
        long first = put(1_000);
        long last = first;
        for (int i = 0; i < 1_000; i++) {
            last = put(1_000);
            long oldest = Math.max(first, last - 30);
            assertThat(store.range(ALL, oldest, 0).kvs()).hasSize(1);
        }
        long before = last - 120;
        assertThatThrownBy(() -> store.range(ALL, before, 0)).isInstanceOf(CompactedException.class);
        assertThat(store.range(ALL, 0, 0).kvs()).hasSize(1);
    }
}
