package dev.coracle.bench.flowforge;

import dev.coracle.flowforge.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The PostgreSQL of FlowForge's image, with its start script, on loopback in a directory that goes with it. */
final class Postgres implements AutoCloseable {
    private static final String PASSWORD = "bench";

    private final Path dir;
    private final Process process;
    private final int port;

    private Postgres(Path dir, Process process, int port) {
        this.dir = dir;
        this.process = process;
        this.port = port;
    }

    /** @param home of Coracle's sources, built */
    static Postgres start(Path home) throws IOException, InterruptedException {
        Path jar = home.resolve("flowforge/target/postgresql/binaries.jar");
        Path script = home.resolve("flowforge/images/postgresql/entrypoint.sh");
        // On the disk that the build is on: a temporary directory may be memory, which would flatter both.
        Path dir = Files.createTempDirectory(home.resolve("bench/target"), "postgresql");
        run("unzip", "-qo", jar.toString(), "-d", dir.toString());
        Files.createDirectories(dir.resolve("dist"));
        run("tar", "-xJf", dir + "/postgres-linux-x86_64.txz", "-C", dir + "/dist");
        Path data = Files.createDirectories(dir.resolve("data"));
        List<String> command = new ArrayList<>();
        if (Files.getOwner(Path.of("/proc/self")).getName().equals("root")) {
            run("chmod", "755", dir.toString());
            run("chown", "nobody:", data.toString());
            command.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
        }
        int port;
        try (ServerSocket s = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = s.getLocalPort();
        }
        command.addAll(List.of("sh", script.toString(), "-p", "" + port, "-c", "listen_addresses=127.0.0.1"));
        command.addAll(List.of("-c", "unix_socket_directories=" + data));
        ProcessBuilder b = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("log").toFile());
        String path = dir + "/dist/bin:" + System.getenv("PATH");
        b.environment()
                .putAll(Map.of(
                        "PGDATA",
                        data + "/pg",
                        "POSTGRES_PASSWORD",
                        PASSWORD,
                        "POSTGRES_DB",
                        "flowforge",
                        "PATH",
                        path));
        return new Postgres(dir, b.start(), port);
    }

    Settings settings() {
        return Settings.of(Map.of("DB_HOST", "127.0.0.1", "DB_PORT", "" + port, "DB_PASSWORD", PASSWORD));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        run("rm", "-rf", dir.toString());
    }

    private static void run(String... command) throws IOException, InterruptedException {
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IOException("failed: " + String.join(" ", command));
        }
    }
}
