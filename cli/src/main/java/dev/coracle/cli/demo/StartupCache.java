package dev.coracle.cli.demo;

import dev.coracle.machinery.os.Processes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes the JVM's start-up cache (JEP 514) of FlowForge: its services run through a task on this machine, against a
 * PostgreSQL of their own, and the JVM records what that loaded and linked. Halves the time until a pod is ready.
 */
final class StartupCache {
    private final Scratch scratch;
    private final Path postgresql;
    private final Path entrypoint;

    /** @param postgresql the unpacked distribution, {@code bin/postgres} under it */
    StartupCache(Scratch scratch, Path postgresql, Path entrypoint) {
        this.scratch = scratch;
        this.postgresql = postgresql;
        this.entrypoint = entrypoint;
    }

    /**
     * @param java the command that the image runs, without the program's arguments; the JVM compares flags and class path
     *     with those of later starts, but takes the same files at another place
     */
    void write(Path target, List<String> java) throws IOException {
        List<Integer> ports = freePorts(3);
        Path data = scratch.resolve("data");
        Files.createDirectories(data);
        Process database = database(data, ports.get(0));
        try {
            List<String> command = new ArrayList<>(java);
            command.addAll(1, List.of("-XX:AOTCacheOutput=" + target, "-Xlog:aot=off", "-Xlog:cds=off"));
            command.add("rehearse");
            Path log = scratch.resolve("rehearsal");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment()
                    .putAll(Map.of(
                            "DB_HOST", "127.0.0.1",
                            "DB_PORT", "" + ports.get(0),
                            "DB_PASSWORD", "rehearsal",
                            "API_KEY", "rehearsal",
                            "PORT", "" + ports.get(1),
                            "WORKER_PORT", "" + ports.get(2),
                            "WORKER_POLL_INTERVAL", "1s"));
            Scratch.await(builder.start(), "the rehearsal of FlowForge", log);
        } finally {
            stop(database);
        }
    }

    private Process database(Path data, int port) throws IOException {
        List<String> command = new ArrayList<>();
        if (Processes.uid() == 0) {
            // PostgreSQL refuses to be root, and initdb wants a user with a name.
            scratch.run("chown", "nobody", data.toString());
            // Whatever our umask is.
            scratch.run("chmod", "-R", "a+rX", postgresql.toString());
            command.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
        }
        command.addAll(List.of("sh", entrypoint.toString(), "-p", "" + port));
        command.addAll(List.of("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + data));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("database").toFile());
        builder.environment()
                .putAll(Map.of(
                        "PGDATA",
                        data + "/pg",
                        "POSTGRES_PASSWORD",
                        "rehearsal",
                        "POSTGRES_DB",
                        "flowforge",
                        "PATH",
                        postgresql + "/bin:" + System.getenv("PATH")));
        return builder.start();
    }

    private static void stop(Process database) {
        database.destroy();
        try {
            if (!database.waitFor(Duration.ofSeconds(10))) {
                database.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            database.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket s : sockets) {
                s.close();
            }
        }
    }
}
