package dev.coracle.flowforge;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import org.flywaydb.core.Flyway;

/** The init container: brings the schema up to date, waiting for the database if it is not there yet. */
final class Migrate {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(100);

    private Migrate() {}

    static void run(Settings settings) throws InterruptedException {
        try (var system = new SystemEnvironment((name, e) -> {})) {
            Log log = new Log(system.environment().clock(), System.out, settings.logLevel(), "migrate");
            log.info("migrating", "url", settings.jdbcUrl());
            awaitDatabase(settings, system.environment());
            var result = Flyway.configure()
                    .dataSource(settings.jdbcUrl(), settings.dbUser(), settings.dbPassword())
                    .connectRetries(10)
                    .load()
                    .migrate();
            log.info("schema is up to date", "applied", result.migrationsExecuted);
        }
    }

    /** Flyway waits in whole seconds, and a pod's start is measured in tenths. What fails in the end is its to tell. */
    private static void awaitDatabase(Settings settings, Environment environment) throws InterruptedException {
        long began = environment.clock().nanos();
        while (environment.clock().elapsed(began).compareTo(PATIENCE) < 0) {
            try (var connection =
                    DriverManager.getConnection(settings.jdbcUrl(), settings.dbUser(), settings.dbPassword())) {
                connection.isReadOnly();
                return;
            } catch (SQLException e) {
                // 28: the database is there and does not let us in, which waiting will not change.
                if (String.valueOf(e.getSQLState()).startsWith("28")) {
                    return;
                }
                environment.sleep(BETWEEN_TRIES);
            }
        }
    }
}
