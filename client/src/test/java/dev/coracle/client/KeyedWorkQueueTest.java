package dev.coracle.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.env.VirtualEnvironment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class KeyedWorkQueueTest {
    private final VirtualEnvironment world = new VirtualEnvironment(3);
    private final List<String> worked = new ArrayList<>();

    private KeyedWorkQueue<String> queue(Function<String, Reconciler.Result> work) {
        return new KeyedWorkQueue<>(world.environment(), "test", 2, work);
    }

    private Reconciler.Result note(String key) {
        worked.add(key + "@"
                + Duration.ofNanos(world.environment().clock().nanos()).toMillis());
        return Reconciler.Result.DONE;
    }

    @Test
    void manyAddsOfAWaitingKeyAreOne() {
        var queue = queue(this::note);
        queue.add("a");
        queue.add("a");
        queue.add("b");
        assertThat(queue.depth()).isEqualTo(2);
        world.settle();
        assertThat(worked).containsExactly("a@0", "b@0");
        assertThat(queue.depth()).isZero();
    }

    @Test
    void aKeyAddedWhileItIsWorkedOnComesAgainAfterwards() {
        var itself = new AtomicReference<KeyedWorkQueue<String>>();
        var queue = queue(key -> {
            if (worked.isEmpty()) {
                itself.get().add(key);
                itself.get().add(key);
            }
            return note(key);
        });
        itself.set(queue);
        queue.add("a");
        world.settle();
        assertThat(worked).containsExactly("a@0", "a@0");
    }

    @Test
    void whileItIsHeldKeysWait() {
        var queue = queue(this::note);
        queue.hold();
        queue.add("a");
        queue.addAfter("b", Duration.ofMillis(10));
        world.advance(Duration.ofMillis(20));
        assertThat(worked).isEmpty();
        queue.release();
        world.settle();
        assertThat(worked).containsExactly("a@20", "b@20");
    }

    @Test
    void itTellsWhatItDid() {
        var queue = queue(key -> {
            note(key);
            if (worked.size() == 1) {
                throw new IllegalStateException("once");
            }
            return Reconciler.Result.DONE;
        });
        queue.add("a");
        queue.add("a");
        queue.add("b");
        assertThat(queue.metrics())
                .isEqualTo(new LoopMetrics(
                        "test", 2, 2, 0, 0, Duration.ZERO, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO));
        world.advance(Duration.ofSeconds(1));
        assertThat(queue.metrics())
                .as("a comes again after its backoff")
                .isEqualTo(new LoopMetrics(
                        "test", 0, 3, 1, 3, Duration.ZERO, 3, Duration.ZERO, Duration.ZERO, Duration.ZERO));
    }

    @Test
    void whatIsWorkedOnIsTold() throws Exception {
        var began = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        try (var system = new SystemEnvironment((n, e) -> {});
                var queue = new KeyedWorkQueue<String>(system.environment(), "test", 1, key -> {
                    began.countDown();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return Reconciler.Result.DONE;
                })) {
            queue.add("a");
            began.await();
            assertThat(queue.metrics().longest()).isPositive();
            assertThat(queue.metrics().unfinished()).isPositive();
            assertThat(queue.metrics().worked()).isZero();
            go.countDown();
        }
    }

    @Test
    void failuresBackOffAndSuccessForgets() {
        var failing = new AtomicBoolean(true);
        var queue = queue(key -> {
            note(key);
            if (failing.get()) {
                throw new IllegalStateException("no");
            }
            return Reconciler.Result.DONE;
        });
        queue.add("a");
        world.advance(Duration.ofMillis(36));
        assertThat(worked).containsExactly("a@0", "a@5", "a@15", "a@35");
        failing.set(false);
        world.advance(Duration.ofMillis(100));
        assertThat(worked).endsWith("a@75").hasSize(5);
        failing.set(true);
        queue.add("a");
        world.advance(Duration.ofMillis(5));
        assertThat(worked).endsWith("a@136", "a@141");
    }

    @Test
    void backoffEndsAtAThousandSeconds() {
        var queue = queue(key -> {
            note(key);
            throw new AssertionError("even errors leave the queue working");
        });
        queue.add("a");
        world.advance(Duration.ofHours(3));
        String last = worked.getLast();
        String before = worked.get(worked.size() - 2);
        assertThat(Long.parseLong(last.substring(2)) - Long.parseLong(before.substring(2)))
                .isEqualTo(1_000_000);
    }

    @Test
    void aResultMayAskForALaterLook() {
        var queue = queue(key -> {
            note(key);
            return worked.size() < 3 ? Reconciler.Result.after(Duration.ofSeconds(10)) : Reconciler.Result.DONE;
        });
        queue.addAfter("a", Duration.ofSeconds(1));
        world.settle();
        assertThat(worked).isEmpty();
        world.advance(Duration.ofMinutes(5));
        assertThat(worked).containsExactly("a@1000", "a@11000", "a@21000");
    }

    @Test
    void ofManyLaterLooksOnlyTheEarliestComes() {
        var queue = queue(this::note);
        queue.addAfter("a", Duration.ofSeconds(5));
        for (int i = 0; i < 1000; i++) {
            queue.addAfter("a", Duration.ofSeconds(5 + i));
        }
        queue.addAfter("a", Duration.ofSeconds(2));
        world.advance(Duration.ofHours(1));
        assertThat(worked).containsExactly("a@2000");
        queue.addAfter("a", Duration.ofSeconds(1));
        world.advance(Duration.ofMinutes(1));
        assertThat(worked).containsExactly("a@2000", "a@3601000");
        queue.addAfter("a", Duration.ofSeconds(1));
        queue.close();
        world.advance(Duration.ofMinutes(1));
        assertThat(worked).hasSize(2);
    }

    @Test
    void oneKeyIsNeverWorkedOnTwiceAtOnceAndWorkersAreLimited() throws Exception {
        var atOnce = new ConcurrentHashMap<String, AtomicInteger>();
        var running = new AtomicInteger();
        var faults = new ConcurrentHashMap<String, Boolean>();
        var done = new AtomicInteger();
        try (var system = new SystemEnvironment((n, e) -> faults.put("uncaught " + e, true));
                var queue = new KeyedWorkQueue<String>(system.environment(), "test", 3, key -> {
                    if (running.incrementAndGet() > 3) {
                        faults.put("too many workers", true);
                    }
                    AtomicInteger mine = atOnce.computeIfAbsent(key, k -> new AtomicInteger());
                    if (mine.incrementAndGet() > 1) {
                        faults.put("twice at once", true);
                    }
                    Thread.yield();
                    mine.decrementAndGet();
                    running.decrementAndGet();
                    done.incrementAndGet();
                    return Reconciler.Result.DONE;
                })) {
            var all = new CountDownLatch(4);
            for (int t = 0; t < 4; t++) {
                system.environment().tasks().start("adder", () -> {
                    for (int i = 0; i < 1000; i++) {
                        queue.add("k" + i % 5);
                    }
                    all.countDown();
                });
            }
            all.await();
            org.awaitility.Awaitility.await().until(() -> queue.depth() == 0 && running.get() == 0);
        }
        assertThat(faults).isEmpty();
        assertThat(done.get()).isPositive();
    }

    @Test
    void closingDropsWhatWaitsAndWaitsForWhatRuns() throws Exception {
        var began = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var finished = new AtomicInteger();
        try (var system = new SystemEnvironment((n, e) -> {})) {
            var queue = new KeyedWorkQueue<String>(system.environment(), "test", 1, key -> {
                began.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                finished.incrementAndGet();
                return Reconciler.Result.DONE;
            });
            queue.add("a");
            began.await();
            queue.add("b");
            queue.add("a");
            var closed = new AtomicBoolean();
            var closing = system.environment().tasks().start("close", () -> {
                queue.close();
                closed.set(true);
            });
            assertThat(closing.join(Duration.ofMillis(50))).isFalse();
            assertThat(closed).isFalse();
            go.countDown();
            assertThat(closing.join(Duration.ofSeconds(10))).isTrue();
            queue.add("c");
            assertThat(queue.depth()).isZero();
            assertThat(finished).hasValue(1);
        }
    }
}
