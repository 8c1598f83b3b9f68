package dev.coracle.apiserver.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.encryption.Transformer;
import dev.coracle.client.Client;
import dev.coracle.client.WatchEvent;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.Op;
import dev.coracle.store.Store;
import dev.coracle.store.memory.MemoryStore;
import dev.coracle.store.mvcc.Journal;
import dev.coracle.store.mvcc.MvccStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a cache and those who watch it do to each other. */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ResourceCacheTest {
    private static final Transformer PLAIN = new Transformer() {
        @Override
        public byte[] seal(byte[] plain, byte[] key) {
            return plain;
        }

        @Override
        public Opened open(byte[] stored, byte[] key) {
            return new Opened(stored, false);
        }
    };

    private final SystemEnvironment system = new SystemEnvironment((name, e) -> {});
    private final ResourceDefinition definition = DefinitionBuilder.namespaced("example.com", "v1", "Thing", "things")
            .read(o -> {
                if (o.name().equals("bad")) {
                    throw new ClassCastException("planted");
                }
                return o;
            })
            .build();

    @AfterEach
    void stop() {
        system.close();
    }

    private static Unstructured thing(String name) {
        return Unstructured.of("example.com/v1", "Thing", "default", name);
    }

    private static long put(Store store, ResourceCache cache, String... names) {
        List<Op> puts = Arrays.stream(names)
                .map(n -> (Op) Op.put(cache.key("default", n), thing(n).json()))
                .toList();
        return store.txn(List.of(), puts, List.of()).revision();
    }

    private record Listener(Consumer<WatchEvent> told, Runnable closed) implements Client.WatchListener {
        @Override
        public void onEvent(WatchEvent event) {
            told.accept(event);
        }

        @Override
        public void onClosed(StatusException cause) {
            closed.run();
        }
    }

    @Test
    void ofLargeObjectsFewerChangesAreRemembered() {
        try (Store store = new MemoryStore(system.environment())) {
            var cache = new ResourceCache(definition, store, PLAIN);
            long first = put(store, cache, "small");
            Unstructured large = thing("large").set("x".repeat(1 << 20), "spec");
            long last = 0;
            for (long bytes = 0; bytes < Runtime.getRuntime().maxMemory() / 32 + (6 << 20); bytes += 1 << 20) {
                Op write = Op.put(cache.key("default", "large"), large.json());
                last = store.txn(List.of(), List.of(write), List.of()).revision();
            }
            List<WatchEvent> told = new ArrayList<>();
            assertThatThrownBy(() -> cache.watch("", r -> true, first, new Listener(told::add, () -> {})))
                    .hasMessageStartingWith("too old resource version");
            cache.watch("", r -> true, last - 1, new Listener(told::add, () -> {}))
                    .close();
            assertThat(told).extracting(e -> e.revision().version()).containsExactly(last);
            cache.stop();
        }
    }

    @Test
    void anObjectThatItsDefinitionCannotReadIsNotShownAsItWasAndHidesNoOther() {
        Store store = new MemoryStore(system.environment());
        ResourceCache cache = new ResourceCache(definition, store, PLAIN);
        put(store, cache, "bad", "good");
        assertThat(cache.get("default", "good")).isPresent();
        assertThatThrownBy(() -> cache.get("default", "bad")).isInstanceOf(StatusException.class);
        ResourceCache later = new ResourceCache(definition, store, PLAIN);
        assertThat(later.get("default", "good")).isPresent();
        assertThatThrownBy(() -> later.get("default", "bad")).isInstanceOf(StatusException.class);
    }

    @Test
    void whateverOneListenerDoesTheOthersAndTheCacheGoOn() {
        Store store = new MemoryStore(system.environment());
        ResourceCache cache = new ResourceCache(definition, store, PLAIN);
        List<String> heard = new ArrayList<>();
        List<String> afterwards = new ArrayList<>();
        var third = new AtomicReference<Client.Watch>();
        cache.watch(
                "",
                r -> true,
                store.revision(),
                new Listener(
                        e -> {
                            throw new StackOverflowError("planted");
                        },
                        () -> {
                            throw new IllegalStateException("planted");
                        }));
        cache.watch(
                "",
                r -> true,
                store.revision(),
                new Listener(
                        e -> {
                            heard.add(e.revision().name());
                            third.get().close();
                        },
                        () -> heard.add("closed")));
        third.set(cache.watch(
                "",
                r -> true,
                store.revision(),
                new Listener(e -> afterwards.add(e.revision().name()), () -> {})));
        put(store, cache, "a", "b");
        put(store, cache, "c");
        assertThat(heard).containsExactly("a", "b", "c");
        assertThat(afterwards).as("told to one that is closed").isEmpty();
        assertThat(cache.list("", r -> true, "").items())
                .extracting(Revision::name)
                .containsExactly("a", "b", "c");
    }

    @Test
    void aListenerMayReadTheKindThatItIsToldOf() {
        Environment real = system.environment();
        // Whoever is to be told is told when this test says so.
        var late = new AtomicReference<Runnable>();
        var environment = new Environment(
                real.clock(),
                real.timers(),
                (name, task) -> {
                    if (!name.equals("store-watch")) {
                        return real.tasks().start(name, task);
                    }
                    late.set(task);
                    return real.tasks().start(name, () -> {});
                },
                real.entropy());
        try (Store store = new MvccStore(Journal.NONE, environment, true)) {
            ResourceCache cache = new ResourceCache(definition, store, PLAIN);
            put(store, cache, "a");
            late.get().run();
            long second = put(store, cache, "b");
            List<String> heard = new ArrayList<>();
            cache.watch(
                    "",
                    r -> true,
                    -1,
                    new Listener(
                            e -> {
                                cache.await(second);
                                heard.add(e.revision().name());
                            },
                            () -> {}));
            assertThat(heard).containsExactly("a");
            late.get().run();
            assertThat(heard).containsExactly("a", "b");
        }
    }
}
