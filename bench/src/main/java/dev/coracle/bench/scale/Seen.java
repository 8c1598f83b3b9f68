package dev.coracle.bench.scale;

import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WatchEvent;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiPredicate;

/** Looks on until so many objects are as they should be, and remembers when it saw each so. */
final class Seen implements Client.WatchListener, AutoCloseable {
    private static final long PATIENCE_SECONDS = 600;

    private final Environment environment;
    private final BiPredicate<WatchEvent.Type, Revision> wanted;
    private final Map<String, Long> at = new ConcurrentHashMap<>();
    private final CountDownLatch left;
    private final Client.Watch watch;

    /** @param wanted whether a change shows its object as it should be */
    Seen(
            HollowCluster cluster,
            GroupVersionResource resource,
            ListOptions options,
            int count,
            BiPredicate<WatchEvent.Type, Revision> wanted) {
        this.environment = cluster.environment();
        this.wanted = wanted;
        this.left = new CountDownLatch(count);
        // Everywhere: it is the one namespace that has anything, and cluster-wide kinds have none.
        this.watch = cluster.client().watch(resource, "", options, this);
    }

    @Override
    public void onEvent(WatchEvent event) {
        if (wanted.test(event.type(), event.revision())
                && at.putIfAbsent(
                                event.revision().key().name(),
                                environment.clock().nanos())
                        == null) {
            left.countDown();
        }
    }

    @Override
    public void onClosed(StatusException cause) {
        throw cause;
    }

    void await() throws InterruptedException, TimeoutException {
        if (!left.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new TimeoutException(left.getCount() + " objects were not seen within " + PATIENCE_SECONDS + " s");
        }
    }

    /**
     * Milliseconds from when each object began until it was seen as wanted.
     *
     * @param began by the object's name, as the clock's nanoseconds
     * @param q e.g. 0.99
     */
    double quantile(Map<String, Long> began, double q) {
        List<Double> sorted = at.entrySet().stream()
                .map(e -> (e.getValue() - began.getOrDefault(e.getKey(), e.getValue())) / 1e6)
                .sorted()
                .toList();
        return sorted.get((int) Math.min(sorted.size() - 1L, (long) (sorted.size() * q)));
    }

    @Override
    public void close() {
        watch.close();
    }
}
