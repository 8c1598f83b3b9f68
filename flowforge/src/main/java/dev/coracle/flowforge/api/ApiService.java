package dev.coracle.flowforge.api;

import com.zaxxer.hikari.HikariDataSource;
import dev.coracle.flowforge.Database;
import dev.coracle.flowforge.Log;
import dev.coracle.flowforge.Settings;
import dev.coracle.flowforge.queue.TaskQueue;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import io.javalin.Javalin;
import java.util.concurrent.CountDownLatch;
import org.jdbi.v3.core.Jdbi;

/** The api-service. Closed, it finishes the requests it has. */
public final class ApiService implements AutoCloseable {
    private final Settings settings;
    private final Log log;
    private final HikariDataSource pool;
    private final Javalin server;

    public ApiService(Settings settings, Environment environment, Log log) {
        this.settings = settings;
        this.log = log;
        this.pool = Database.pool(settings, 10);
        var queue = new TaskQueue(Jdbi.create(pool), environment.entropy());
        this.server = new Routes(queue, settings, environment.clock(), log).server();
    }

    public void start() {
        server.start(settings.port());
        if (settings.apiKey().isEmpty()) {
            log.error("API_KEY is not set, so every request for tasks is refused");
        }
        log.info("started", "version", settings.version(), "port", server.port());
    }

    /** Where it listens. */
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.stop();
        pool.close();
    }

    /** Serves until SIGTERM. */
    public static void run(Settings settings) throws InterruptedException {
        var system = new SystemEnvironment((name, e) -> e.printStackTrace(System.err));
        var environment = system.environment();
        Log log = new Log(environment.clock(), System.out, settings.logLevel(), "api-service");
        var service = new ApiService(settings, environment, log);
        var ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            service.close();
            system.close();
            log.info("stopped");
            ended.countDown();
        }));
        service.start();
        ended.await();
    }
}
