package dev.coracle.machinery.env;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * A world that stands still until told to move: one seeded event loop, run by the caller's thread. Tasks run one after
 * the other, to their end; a task that would block for another task deadlocks, so code under simulation is written as
 * events. The order of tasks that are ready at the same instant is drawn from the seed.
 *
 * <pre>{@code
 * var world = new VirtualEnvironment(42);
 * world.environment().timers().schedule(Duration.ofHours(1), () -> seen.add("an hour later"));
 * world.advance(Duration.ofHours(2)); // microseconds of real time
 * }</pre>
 */
public final class VirtualEnvironment {
    /** Where virtual time starts. */
    public static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

    private record Event(long at, long tie, Runnable run, boolean[] cancelled) {}

    private final Random random;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>((a, b) -> a.at != b.at ? Long.compare(a.at, b.at) : Long.compare(a.tie, b.tie));
    private final List<Throwable> failures = new ArrayList<>();
    private final Environment environment;
    private long nanos;

    public VirtualEnvironment(long seed) {
        this.random = new Random(seed);
        this.environment = new Environment(new VirtualClock(), new VirtualTimers(), this::start, new SeededEntropy());
    }

    public Environment environment() {
        return environment;
    }

    /** Runs everything that is due now, and what that makes due, until nothing is. */
    public void settle() {
        advance(Duration.ZERO);
    }

    /** Moves time forward by {@code duration}, running each event at its instant. Rethrows a task's first failure. */
    public void advance(Duration duration) {
        long end = nanos + duration.toNanos();
        for (Event next = events.peek(); next != null && next.at <= end; next = events.peek()) {
            events.remove(next);
            nanos = Math.max(nanos, next.at);
            if (!next.cancelled[0]) {
                run(next.run);
            }
        }
        nanos = end;
        if (!failures.isEmpty()) {
            var all = new ArrayDeque<>(failures);
            failures.clear();
            throw new AssertionError("a task failed: " + all.getFirst(), all.getFirst());
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            failures.add(e);
        }
    }

    private boolean[] enqueue(Duration delay, Runnable task) {
        boolean[] cancelled = new boolean[1];
        events.add(new Event(nanos + Math.max(0, delay.toNanos()), random.nextLong(), task, cancelled));
        return cancelled;
    }

    private Tasks.Task start(String name, Runnable task) {
        boolean[] ended = new boolean[1];
        boolean[] cancelled = enqueue(Duration.ZERO, () -> {
            task.run();
            ended[0] = true;
        });
        return new Tasks.Task() {
            @Override
            public void interrupt() {
                cancelled[0] = true;
            }

            @Override
            public boolean join(Duration timeout) {
                return ended[0];
            }
        };
    }

    private final class VirtualClock implements Clock {
        @Override
        public Instant now() {
            return EPOCH.plusNanos(nanos);
        }

        @Override
        public long nanos() {
            return nanos;
        }
    }

    private final class VirtualTimers implements Timers {
        @Override
        public Timer schedule(Duration delay, Runnable task) {
            boolean[] cancelled = enqueue(delay, task);
            return () -> cancelled[0] = true;
        }

        @Override
        public Timer every(Duration period, Runnable task) {
            boolean[] stopped = new boolean[1];
            var again = new Runnable() {
                @Override
                public void run() {
                    if (!stopped[0]) {
                        VirtualEnvironment.this.run(task);
                        enqueue(period, this);
                    }
                }
            };
            enqueue(period, again);
            return () -> stopped[0] = true;
        }
    }

    private final class SeededEntropy implements Entropy {
        @Override
        public int nextInt(int bound) {
            return random.nextInt(bound);
        }

        @Override
        public double nextDouble() {
            return random.nextDouble();
        }

        @Override
        public byte[] bytes(int length) {
            byte[] b = new byte[length];
            random.nextBytes(b);
            return b;
        }
    }
}
