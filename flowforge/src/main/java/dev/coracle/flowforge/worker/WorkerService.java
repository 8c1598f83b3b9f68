package dev.coracle.flowforge.worker;

import dev.coracle.flowforge.Database;
import dev.coracle.flowforge.Log;
import dev.coracle.flowforge.Settings;
import dev.coracle.flowforge.queue.TaskQueue;
import dev.coracle.machinery.env.SystemEnvironment;
import io.javalin.Javalin;
import java.net.http.HttpClient;
import java.util.concurrent.CountDownLatch;
import org.jdbi.v3.core.Jdbi;

/** The worker-service: runs tasks until SIGTERM, then finishes what it holds. */
public final class WorkerService {
    private WorkerService() {}

    public static void run(Settings settings) throws InterruptedException {
        var system = new SystemEnvironment((name, e) -> e.printStackTrace(System.err));
        var environment = system.environment();
        Log log = new Log(environment.clock(), System.out, settings.logLevel(), "worker-service");
        var pool = Database.pool(settings, settings.concurrency() + 2);
        var queue = new TaskQueue(Jdbi.create(pool), environment.entropy());
        var http = HttpClient.newHttpClient();
        var worker = new Worker(
                queue,
                TaskTypes.all(environment, http),
                environment,
                log,
                settings.instance(),
                settings.concurrency(),
                settings.pollInterval());
        var notifications = new Notifications(settings, environment, log, worker::wake);
        Javalin server = Javalin.create(c -> {
                    c.startup.showJavalinBanner = false;
                    c.routes.get("/health", ctx -> ctx.result("ok"));
                    c.routes.get("/ready", ctx -> {
                        queue.stats();
                        ctx.result("ok");
                    });
                    c.routes.get(
                            "/metrics",
                            ctx -> ctx.contentType("text/plain; version=0.0.4")
                                    .result(
                                            "# TYPE flowforge_tasks_total counter\nflowforge_tasks_total{outcome=\"succeeded\"} "
                                                    + worker.succeeded()
                                                    + "\nflowforge_tasks_total{outcome=\"failed\"} "
                                                    + worker.failed() + "\n"));
                })
                .start(settings.port());
        var ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            log.info("finishing what is held");
            try {
                notifications.close();
                worker.close();
                server.stop();
                pool.close();
                system.close();
                log.info("stopped");
            } catch (InterruptedException e) {
                log.warn("interrupted while finishing");
            } finally {
                ended.countDown();
            }
        }));
        worker.start();
        notifications.start();
        log.info("started", "concurrency", settings.concurrency());
        ended.await();
    }
}
