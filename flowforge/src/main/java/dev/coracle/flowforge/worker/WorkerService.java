package dev.coracle.flowforge.worker;

import com.zaxxer.hikari.HikariDataSource;
import dev.coracle.flowforge.Database;
import dev.coracle.flowforge.Log;
import dev.coracle.flowforge.Settings;
import dev.coracle.flowforge.metrics.Exposition;
import dev.coracle.flowforge.metrics.HttpMetrics;
import dev.coracle.flowforge.metrics.WorkMetrics;
import dev.coracle.flowforge.queue.TaskQueue;
import dev.coracle.flowforge.type.TaskTypes;
import dev.coracle.flowforge.type.Tools;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import io.javalin.Javalin;
import java.net.http.HttpClient;
import java.util.concurrent.CountDownLatch;
import org.jdbi.v3.core.Jdbi;

/** The worker-service. Closed, it finishes the tasks it holds. */
public final class WorkerService implements AutoCloseable {
    private final Settings settings;
    private final Log log;
    private final HikariDataSource pool;
    private final Worker worker;
    private final Notifications notifications;
    private final Javalin server;

    public WorkerService(Settings settings, Environment environment, Log log) {
        this.settings = settings;
        this.log = log;
        this.pool = Database.pool(settings, settings.concurrency() + 2);
        var queue = new TaskQueue(Jdbi.create(pool), environment.entropy());
        var exposition = new Exposition();
        this.worker = new Worker(
                queue,
                TaskTypes.all(),
                new Tools(environment, HttpClient.newHttpClient()),
                new WorkMetrics(exposition, TaskTypes.names()),
                log,
                settings.instance(),
                settings.concurrency(),
                settings.pollInterval());
        this.notifications = new Notifications(settings, environment, log, worker::wake);
        this.server = server(queue, exposition, environment);
    }

    private static Javalin server(TaskQueue queue, Exposition exposition, Environment environment) {
        return Javalin.create(c -> {
            c.startup.showJavalinBanner = false;
            new HttpMetrics(exposition, environment.clock()).observe(c, (ctx, took) -> {});
            c.routes.get("/health", ctx -> ctx.result("ok"));
            c.routes.get("/ready", ctx -> {
                queue.ping();
                ctx.result("ok");
            });
            c.routes.get("/metrics", exposition::answer);
        });
    }

    public void start() {
        server.start(settings.port());
        worker.start();
        notifications.start();
        log.info("started", "concurrency", settings.concurrency());
    }

    /** Where it serves probes and metrics. */
    public int port() {
        return server.port();
    }

    @Override
    public void close() throws InterruptedException {
        notifications.close();
        worker.close();
        server.stop();
        pool.close();
    }

    /** Works until SIGTERM. */
    public static void run(Settings settings) throws InterruptedException {
        var system = new SystemEnvironment((name, e) -> e.printStackTrace(System.err));
        var environment = system.environment();
        Log log = new Log(environment.clock(), System.out, settings.logLevel(), "worker-service");
        var service = new WorkerService(settings, environment, log);
        var ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            log.info("finishing what is held");
            try {
                service.close();
                system.close();
                log.info("stopped");
            } catch (InterruptedException e) {
                log.warn("interrupted while finishing");
            } finally {
                ended.countDown();
            }
        }));
        service.start();
        ended.await();
    }
}
