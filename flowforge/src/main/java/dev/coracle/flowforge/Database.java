package dev.coracle.flowforge;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

/** The connection pool of a service. */
public final class Database {
    private Database() {}

    /** A pool that starts whether or not the database is there yet: readiness tells, not a crash. */
    public static HikariDataSource pool(Settings settings, int size) {
        HikariConfig c = new HikariConfig();
        c.setJdbcUrl(settings.jdbcUrl());
        c.setUsername(settings.dbUser());
        c.setPassword(settings.dbPassword());
        c.setMaximumPoolSize(size);
        c.setMinimumIdle(1);
        c.setConnectionTimeout(3_000);
        c.setValidationTimeout(1_000);
        c.setInitializationFailTimeout(-1);
        c.addDataSourceProperty("socketTimeout", "30");
        c.addDataSourceProperty("ApplicationName", settings.instance());
        return new HikariDataSource(c);
    }
}
