package dev.coracle.flowforge;

import java.time.Duration;
import java.util.Map;

/**
 * What the environment says, as ConfigMap {@code flowforge-config} and Secret {@code flowforge-secrets} provide it.
 *
 * @param pollInterval how often a worker looks without having been woken
 */
public record Settings(
        String dbHost,
        int dbPort,
        String dbName,
        String dbUser,
        String dbPassword,
        String apiKey,
        Duration pollInterval,
        int concurrency,
        int port,
        String logLevel,
        String version,
        String instance) {

    public static Settings of(Map<String, String> env) {
        return new Settings(
                env.getOrDefault("DB_HOST", "localhost"),
                number(env, "DB_PORT", 5432),
                env.getOrDefault("DB_NAME", "flowforge"),
                env.getOrDefault("DB_USER", "postgres"),
                env.getOrDefault("DB_PASSWORD", ""),
                env.getOrDefault("API_KEY", ""),
                duration(env.getOrDefault("WORKER_POLL_INTERVAL", "5s")),
                number(env, "WORKER_CONCURRENCY", 4),
                number(env, "PORT", 8080),
                env.getOrDefault("LOG_LEVEL", "info"),
                env.getOrDefault("FLOWFORGE_VERSION", "v1"),
                env.getOrDefault("HOSTNAME", "local"));
    }

    public String jdbcUrl() {
        return "jdbc:postgresql://" + dbHost + ":" + dbPort + "/" + dbName;
    }

    /** {@code 500ms}, {@code 5s} or {@code 2m}. */
    static Duration duration(String text) {
        String digits = text.replaceAll("[^0-9].*$", "");
        String unit = text.substring(digits.length());
        if (digits.isEmpty()) {
            throw new IllegalArgumentException("not a duration such as 500ms, 5s or 2m: " + text);
        }
        long n = Long.parseLong(digits);
        return switch (unit) {
            case "ms" -> Duration.ofMillis(n);
            case "s" -> Duration.ofSeconds(n);
            case "m" -> Duration.ofMinutes(n);
            default -> throw new IllegalArgumentException("not a duration such as 500ms, 5s or 2m: " + text);
        };
    }

    private static int number(Map<String, String> env, String name, int fallback) {
        String value = env.get(name);
        try {
            return value == null ? fallback : Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " must be a number, not \"" + value + "\"", e);
        }
    }

    /** Without the secrets. */
    @Override
    public String toString() {
        return "Settings[" + jdbcUrl() + ", version=" + version + ", instance=" + instance + "]";
    }
}
