package dev.coracle.bench.jmh;

import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.store.KeyRange;
import dev.coracle.store.Op;
import dev.coracle.store.Store;
import dev.coracle.store.embedded.EmbeddedStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/**
 * Durable writes of 1 KiB beside the same bytes appended to a file and forced, under one lock; and reads of 500 keys
 * beside those of a sorted map.
 */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // open() is called first
public class StoreBenchmark {
    private static final int KEYS = 500;

    private final SystemEnvironment system = new SystemEnvironment((task, e) -> e.printStackTrace());
    private final byte[] value = new byte[1024];
    private final TreeMap<String, byte[]> map = new TreeMap<>();
    private final AtomicLong next = new AtomicLong();
    private Path dir = Path.of("");
    private Store store;
    private FileChannel file;

    @Setup(Level.Trial)
    public void open() throws IOException {
        // Beside the build and not in the system's temporary directory, which may be memory.
        dir = Files.createTempDirectory(Path.of("").toAbsolutePath(), ".bench-store");
        store = EmbeddedStore.open(dir.resolve("store"), system.environment());
        file = FileChannel.open(dir.resolve("log"), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        for (int i = 0; i < KEYS; i++) {
            String key = "/registry/pods/standing/pod-" + i;
            store.txn(List.of(), List.of(Op.put(key, value)), List.of());
            map.put(key, value);
        }
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        store.close();
        file.close();
        system.close();
        try (Stream<Path> all = Files.walk(dir)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        }
    }

    /** Always the same thousand keys, so that what is measured is no ever longer map. */
    private Object write() {
        String key = "/registry/pods/passing/pod-" + next.getAndIncrement() % 1000;
        return store.txn(List.of(), List.of(Op.put(key, value)), List.of());
    }

    private synchronized long append() throws IOException {
        file.write(ByteBuffer.wrap(value));
        file.force(false);
        return file.position();
    }

    @Benchmark
    @Threads(1)
    public Object writeAlone() {
        return write();
    }

    @Benchmark
    @Threads(1)
    public long writeAloneReference() throws IOException {
        return append();
    }

    @Benchmark
    @Threads(32)
    public Object writeIn32Threads() {
        return write();
    }

    @Benchmark
    @Threads(32)
    public long writeIn32ThreadsReference() throws IOException {
        return append();
    }

    @Benchmark
    @Threads(1)
    public Object range() {
        return store.range(KeyRange.prefix("/registry/pods/standing/"), 0, 0);
    }

    @Benchmark
    @Threads(1)
    public Object rangeReference() {
        return new ArrayList<>(map.subMap("/registry/pods/standing/", "/registry/pods/standing0")
                .entrySet());
    }
}
