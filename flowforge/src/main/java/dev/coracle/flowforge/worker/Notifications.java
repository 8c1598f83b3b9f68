package dev.coracle.flowforge.worker;

import dev.coracle.flowforge.Log;
import dev.coracle.flowforge.Settings;
import dev.coracle.machinery.env.Environment;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.postgresql.PGConnection;

/** Listens for {@code NOTIFY tasks} on a connection of its own, reconnecting, and calls {@code wake} for each batch. */
final class Notifications implements AutoCloseable {
    private final Settings settings;
    private final Environment environment;
    private final Log log;
    private final Runnable wake;
    private volatile boolean closed;

    Notifications(Settings settings, Environment environment, Log log, Runnable wake) {
        this.settings = settings;
        this.environment = environment;
        this.log = log;
        this.wake = wake;
    }

    void start() {
        environment.tasks().start("notifications", () -> {
            while (!closed) {
                try {
                    listen();
                } catch (SQLException e) {
                    log.debug("not listening", "error", String.valueOf(e.getMessage()));
                    try {
                        environment.sleep(Duration.ofSeconds(1));
                    } catch (InterruptedException stop) {
                        return;
                    }
                }
            }
        });
    }

    private void listen() throws SQLException {
        try (Connection c = DriverManager.getConnection(settings.jdbcUrl(), settings.dbUser(), settings.dbPassword());
                Statement s = c.createStatement()) {
            s.execute("listen tasks");
            wake.run();
            PGConnection pg = c.unwrap(PGConnection.class);
            while (!closed) {
                var notifications = pg.getNotifications(1000);
                if (notifications != null && notifications.length > 0) {
                    wake.run();
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
