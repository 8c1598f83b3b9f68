package dev.coracle.bench.flowforge;

import dev.coracle.flowforge.Log;
import dev.coracle.flowforge.metrics.Exposition;
import dev.coracle.flowforge.metrics.WorkMetrics;
import dev.coracle.flowforge.queue.NewTask;
import dev.coracle.flowforge.queue.TaskQueue;
import dev.coracle.flowforge.type.TaskType;
import dev.coracle.flowforge.type.Tools;
import dev.coracle.flowforge.worker.Worker;
import dev.coracle.machinery.env.Environment;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;

/** FlowForge's queue and worker as its services put them together, without HTTP. */
final class FlowForgeQueue implements Contender {
    private static final String TYPE = "bench";

    private final Jdbi jdbi;
    private final TaskQueue queue;
    private final Environment environment;
    private final HttpClient http;

    FlowForgeQueue(Jdbi jdbi, Environment environment, HttpClient http) {
        this.jdbi = jdbi;
        this.queue = new TaskQueue(jdbi, environment.entropy());
        this.environment = environment;
        this.http = http;
    }

    @Override
    public String name() {
        return "flowforge";
    }

    @Override
    public void clear() {
        jdbi.useHandle(h -> h.execute("truncate tasks"));
    }

    @Override
    public void add(String payload) {
        queue.add(new NewTask(TYPE, Map.of("text", payload), 0, Duration.ZERO, 5, null));
    }

    @Override
    public AutoCloseable work(int concurrency, Runnable done) {
        TaskType type = new TaskType(TYPE, "", List.of(), true, Map.of(), (payload, tools) -> {
            done.run();
            return payload;
        });
        Worker worker = new Worker(
                queue,
                List.of(type),
                new Tools(environment, http),
                new WorkMetrics(new Exposition(), List.of(TYPE)),
                new Log(environment.clock(), System.err, "error", "bench"),
                "bench",
                concurrency,
                Duration.ofSeconds(1));
        worker.start();
        return worker;
    }

    @Override
    public boolean unfinished() {
        return jdbi.withHandle(
                h -> h.createQuery("select exists (select 1 from tasks where status in ('queued', 'running'))")
                        .mapTo(Boolean.class)
                        .one());
    }
}
