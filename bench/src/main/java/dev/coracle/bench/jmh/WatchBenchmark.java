package dev.coracle.bench.jmh;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A write through the whole API server, in memory, with a hundred watchers of its label, beside one with none. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // start() is called first
public class WatchBenchmark {
    private static final int WATCHERS = 100;

    private final AtomicLong told = new AtomicLong();
    private final AtomicLong writes = new AtomicLong();
    private SystemEnvironment system;
    private ApiServer server;
    private Client client;

    @Setup(Level.Trial)
    public void start() {
        system = new SystemEnvironment((task, e) -> e.printStackTrace());
        server = ApiServer.inMemory(system.environment());
        client = server.client(UserInfo.ADMIN);
        client.create(Resources.NAMESPACES, "", Unstructured.of("v1", "Namespace", "", "bench"), WriteOptions.DEFAULT);
        for (String name : new String[] {"watched", "alone"}) {
            Unstructured map = Unstructured.of("v1", "ConfigMap", "bench", name)
                    .set(name, "metadata", "labels", "app")
                    .set("x".repeat(1024), "data", "payload");
            client.create(Resources.CONFIG_MAPS, "bench", map, WriteOptions.DEFAULT);
        }
        for (int i = 0; i < WATCHERS; i++) {
            client.watch(Resources.CONFIG_MAPS, "bench", ListOptions.labels("app=watched"), new Counting());
        }
    }

    private final class Counting implements Client.WatchListener {
        @Override
        public void onEvent(WatchEvent event) {
            told.addAndGet(event.revision().json().length);
        }

        @Override
        public void onClosed(StatusException cause) {
            throw cause;
        }
    }

    @TearDown(Level.Trial)
    public void stop() {
        server.close();
        system.close();
    }

    private Object patch(String name) {
        byte[] body = ("{\"metadata\":{\"annotations\":{\"n\":\"" + writes.getAndIncrement() + "\"}}}")
                .getBytes(StandardCharsets.US_ASCII);
        return client.patch(
                Resources.CONFIG_MAPS, "bench", name, new Patch(Patch.Type.MERGE, body), WriteOptions.DEFAULT);
    }

    @Benchmark
    public Object writeToAHundred() {
        return patch("watched");
    }

    /** The hundred are asked, and it is none of theirs. */
    @Benchmark
    public Object writeToAHundredReference() {
        return patch("alone");
    }
}
