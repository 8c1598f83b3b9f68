package dev.coracle.flowforge;

import dev.coracle.machinery.env.SystemEnvironment;
import java.io.PrintStream;
import org.flywaydb.core.Flyway;

/** The init container: brings the schema up to date, waiting for the database if it is not there yet. */
public final class Migrate {
    private Migrate() {}

    public static void run(Settings settings) {
        PrintStream out = System.out;
        try (var system = new SystemEnvironment((name, e) -> {})) {
            Log log = new Log(system.environment().clock(), out, settings.logLevel(), "migrate");
            log.info("migrating", "url", settings.jdbcUrl());
            var result = Flyway.configure()
                    .dataSource(settings.jdbcUrl(), settings.dbUser(), settings.dbPassword())
                    .connectRetries(60)
                    .connectRetriesInterval(1)
                    .load()
                    .migrate();
            log.info("schema is up to date", "applied", result.migrationsExecuted);
        }
    }
}
