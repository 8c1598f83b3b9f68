package dev.coracle.flowforge.api;

import dev.coracle.flowforge.Database;
import dev.coracle.flowforge.Log;
import dev.coracle.flowforge.Settings;
import dev.coracle.flowforge.queue.TaskQueue;
import dev.coracle.machinery.env.SystemEnvironment;
import io.javalin.Javalin;
import java.util.concurrent.CountDownLatch;
import org.jdbi.v3.core.Jdbi;

/** The api-service. On SIGTERM it finishes the requests it has and ends. */
public final class ApiService {
    private ApiService() {}

    /** Serves until SIGTERM. */
    public static void run(Settings settings) throws InterruptedException {
        var system = new SystemEnvironment((name, e) -> e.printStackTrace(System.err));
        var environment = system.environment();
        Log log = new Log(environment.clock(), System.out, settings.logLevel(), "api-service");
        var pool = Database.pool(settings, 10);
        var queue = new TaskQueue(Jdbi.create(pool), environment.entropy());
        Javalin server =
                new Routes(queue, settings, environment.clock(), log).server().start(settings.port());
        var ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            server.stop();
            pool.close();
            system.close();
            log.info("stopped");
            ended.countDown();
        }));
        log.info("started", "version", settings.version(), "port", settings.port());
        ended.await();
    }
}
