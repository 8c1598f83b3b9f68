package dev.coracle.flowforge.worker;

import dev.coracle.flowforge.Log;
import dev.coracle.flowforge.metrics.WorkMetrics;
import dev.coracle.flowforge.queue.PutBack;
import dev.coracle.flowforge.queue.Task;
import dev.coracle.flowforge.queue.TaskQueue;
import dev.coracle.flowforge.type.TaskType;
import dev.coracle.flowforge.type.Tools;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Timers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Claims tasks and runs them, so many at once. {@link #wake()} makes it look at once; otherwise it looks every poll
 * interval. {@link #close()} takes no more and returns when what it holds is finished.
 */
public final class Worker implements AutoCloseable {
    private static final Duration VISIBILITY = Duration.ofSeconds(30);

    private final TaskQueue queue;
    private final Map<String, TaskType> types;
    private final Tools tools;
    private final Environment environment;
    private final WorkMetrics metrics;
    private final Log log;
    private final String name;
    private final int concurrency;
    private final Duration pollInterval;
    private final Semaphore slots;
    private final Semaphore wakeups = new Semaphore(0);
    private volatile boolean closing;

    public Worker(
            TaskQueue queue,
            List<TaskType> types,
            Tools tools,
            WorkMetrics metrics,
            Log log,
            String name,
            int concurrency,
            Duration pollInterval) {
        this.queue = queue;
        this.types = types.stream().collect(Collectors.toMap(TaskType::name, t -> t));
        this.tools = tools;
        this.environment = tools.environment();
        this.metrics = metrics;
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
                    if (!woken) {
                        reclaim();
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

    private void reclaim() {
        for (PutBack task : queue.reclaim()) {
            log.warn("put back a task whose worker is gone", "type", task.type(), "dead", task.dead());
            metrics.givenBack(task.type(), task.dead());
        }
    }

    /** Claims as many as there are free slots, waiting for one; whether any was found. */
    private boolean claim() throws InterruptedException {
        slots.acquire();
        int free = 1 + slots.drainPermits();
        List<Task> tasks = List.of();
        try {
            tasks = closing ? List.of() : queue.claim(name, types.keySet(), free, VISIBILITY);
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

    private void attempt(Task task) {
        long began = environment.clock().nanos();
        Object result;
        try {
            result = work(task);
        } catch (Exception e) {
            metrics.failed(task.type(), environment.clock().elapsed(began));
            failed(task, String.valueOf(e.getMessage()));
            return;
        }
        metrics.succeeded(task.type(), environment.clock().elapsed(began));
        if (queue.succeed(task, result)) {
            log.info("task done", "task", task.id(), "type", task.type());
        } else {
            log.warn("task was taken over by another worker", "task", task.id());
        }
    }

    @SuppressWarnings("unchecked")
    private @Nullable Object work(Task task) throws Exception {
        TaskType type = Objects.requireNonNull(types.get(task.type()), "claimed by its type");
        return type.work().run(task.payload() instanceof Map<?, ?> m ? (Map<String, Object>) m : Map.of(), tools);
    }

    private void failed(Task task, String error) {
        log.warn("task failed", "task", task.id(), "attempt", task.attempts(), "error", error);
        if (queue.fail(task, error)) {
            metrics.givenBack(task.type(), task.onLastAttempt());
        }
    }
}
