package dev.coracle.machinery.env;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The real world: system clock, virtual threads, one timer thread, secure randomness. */
public final class SystemEnvironment implements AutoCloseable {
    private final ScheduledThreadPoolExecutor wheel;
    private final BiConsumer<String, Throwable> uncaught;
    private final Environment environment;

    /** @param uncaught told of the task's name and the exception that left it */
    public SystemEnvironment(BiConsumer<String, Throwable> uncaught) {
        this.uncaught = uncaught;
        this.wheel = new ScheduledThreadPoolExecutor(
                1, r -> Thread.ofPlatform().name("timers").daemon().unstarted(r));
        wheel.setRemoveOnCancelPolicy(true);
        this.environment =
                new Environment(new SystemClock(), new WheelTimers(), new ThreadTasks(), new SecureEntropy());
    }

    public Environment environment() {
        return environment;
    }

    /** Stops the timers; tasks end by their own owners' {@code close()}. */
    @Override
    public void close() {
        wheel.shutdownNow();
    }

    private final class ThreadTasks implements Tasks {
        @Override
        public Task start(String name, Runnable task) {
            return SystemEnvironment.this.start(name, task);
        }

        @Override
        public Task startApart(String name, Runnable task) {
            return task(Thread.ofPlatform().name(name).daemon().start(() -> guarded(name, task)));
        }
    }

    private Tasks.Task start(String name, Runnable task) {
        return task(Thread.ofVirtual().name(name).start(() -> guarded(name, task)));
    }

    private static Tasks.Task task(Thread thread) {
        return new Tasks.Task() {
            @Override
            public void interrupt() {
                thread.interrupt();
            }

            @Override
            public boolean join(Duration timeout) throws InterruptedException {
                return thread.join(timeout);
            }
        };
    }

    private void guarded(String name, Runnable task) {
        try {
            task.run();
        } catch (Throwable t) {
            uncaught.accept(name, t);
        }
    }

    private final class WheelTimers implements Timers {
        @Override
        public Timer schedule(Duration delay, Runnable task) {
            if (wheel.isShutdown()) {
                return () -> {};
            }
            ScheduledFuture<?> f =
                    wheel.schedule(() -> start("timer", task), Math.max(0, delay.toNanos()), TimeUnit.NANOSECONDS);
            return () -> f.cancel(false);
        }

        @Override
        public Timer every(Duration period, Runnable task) {
            var cancelled = new AtomicBoolean();
            var next = new AtomicReference<@Nullable Timer>();
            var run = new Runnable() {
                @Override
                public void run() {
                    if (cancelled.get()) {
                        return;
                    }
                    guarded("timer", task);
                    if (!cancelled.get()) {
                        next.set(schedule(period, this));
                    }
                }
            };
            next.set(schedule(period, run));
            return () -> {
                cancelled.set(true);
                Timer pending = next.get();
                if (pending != null) {
                    pending.cancel();
                }
            };
        }
    }

    private static final class SecureEntropy implements Entropy {
        private final SecureRandom random = new SecureRandom();

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
