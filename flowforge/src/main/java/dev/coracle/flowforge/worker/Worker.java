package dev.coracle.flowforge.worker;

import dev.coracle.flowforge.Log;
import dev.coracle.flowforge.queue.Task;
import dev.coracle.flowforge.queue.TaskQueue;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Timers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Claims tasks and runs them, so many at once. {@link #wake()} makes it look at once; otherwise it looks every poll
 * interval. {@link #close()} takes no more and returns when what it holds is finished.
 */
public final class Worker implements AutoCloseable {
    private static final Duration VISIBILITY = Duration.ofSeconds(30);

    private final TaskQueue queue;
    private final Map<String, TaskType> types;
    private final Environment environment;
    private final Log log;
    private final String name;
    private final int concurrency;
    private final Duration pollInterval;
    private final Semaphore slots;
    private final Semaphore wakeups = new Semaphore(0);
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private volatile boolean closing;

    public Worker(
            TaskQueue queue,
            Map<String, TaskType> types,
            Environment environment,
            Log log,
            String name,
            int concurrency,
            Duration pollInterval) {
        this.queue = queue;
        this.types = types;
        this.environment = environment;
        this.log = log;
        this.name = name;
        this.concurrency = concurrency;
        this.pollInterval = pollInterval;
        this.slots = new Semaphore(concurrency);
    }

    public void start() {
        environment.tasks().start("worker", this::loop);
    }

    /** There may be work. */
    public void wake() {
        wakeups.release();
    }

    public long succeeded() {
        return done.get();
    }

    public long failed() {
        return failed.get();
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        wake();
        slots.acquire(concurrency);
    }

    private void loop() {
        while (!closing) {
            try {
                if (!claim()) {
                    boolean woken = wakeups.tryAcquire(pollInterval.toMillis(), TimeUnit.MILLISECONDS);
                    wakeups.drainPermits();
                    if (!woken && queue.reclaim() > 0) {
                        log.warn("put back tasks whose worker is gone");
                    }
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                log.warn("the database is out of reach", "error", String.valueOf(e.getMessage()));
                try {
                    environment.sleep(Duration.ofSeconds(1));
                } catch (InterruptedException stop) {
                    return;
                }
            }
        }
    }

    /** Claims as many as there are free slots, waiting for one; whether any was found. */
    private boolean claim() throws InterruptedException {
        slots.acquire();
        int free = 1 + slots.drainPermits();
        List<Task> tasks = List.of();
        try {
            tasks = closing ? List.of() : queue.claim(name, free, VISIBILITY);
        } finally {
            slots.release(free - tasks.size());
        }
        for (Task task : tasks) {
            environment.tasks().start("task-" + task.id(), () -> run(task));
        }
        return !tasks.isEmpty();
    }

    private void run(Task task) {
        Timers.Timer heartbeat =
                environment.timers().every(VISIBILITY.dividedBy(3), () -> queue.extend(task, VISIBILITY));
        try {
            attempt(task);
        } catch (RuntimeException e) {
            // The outcome could not be recorded: the visibility timeout brings the task back.
            log.error("lost the outcome of a task", "task", task.id(), "error", String.valueOf(e.getMessage()));
        } finally {
            heartbeat.cancel();
            slots.release();
            wake();
        }
    }

    @SuppressWarnings("unchecked")
    private void attempt(Task task) {
        Object result;
        try {
            TaskType type = types.get(task.type());
            if (type == null) {
                throw new IllegalArgumentException("unknown task type " + task.type());
            }
            result = type.run(task.payload() instanceof Map<?, ?> m ? (Map<String, Object>) m : Map.of());
        } catch (Exception e) {
            failed.incrementAndGet();
            log.warn(
                    "task failed",
                    "task",
                    task.id(),
                    "attempt",
                    task.attempts(),
                    "error",
                    String.valueOf(e.getMessage()));
            queue.fail(task, String.valueOf(e.getMessage()));
            return;
        }
        if (queue.succeed(task, result)) {
            done.incrementAndGet();
            log.info("task done", "task", task.id(), "type", task.type());
        } else {
            log.warn("task was taken over by another worker", "task", task.id());
        }
    }
}
