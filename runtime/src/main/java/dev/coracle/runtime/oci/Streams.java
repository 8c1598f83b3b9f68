package dev.coracle.runtime.oci;

import dev.coracle.machinery.os.Descriptor;
import dev.coracle.machinery.os.Processes;
import dev.coracle.machinery.os.Terminal;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService.ExecResult;
import dev.coracle.runtime.RuntimeService.ExecSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Commands run inside containers, and the main process's own streams. */
final class Streams {
    private static final Path NULL = Path.of("/dev/null");

    private final OciProgram program;
    private final Programs programs;
    private final Map<String, Onlookers> onlookers = new ConcurrentHashMap<>();
    private final AtomicLong execs = new AtomicLong();

    Streams(OciProgram program, Programs programs) {
        this.program = program;
        this.programs = programs;
    }

    ExecResult execSync(Container container, List<String> command, Duration timeout) throws IOException {
        Path pidFile = pidFile(container);
        Process process = new ProcessBuilder(command(container, pidFile, false, command))
                .redirectInput(ProcessBuilder.Redirect.from(NULL.toFile()))
                .start();
        try {
            Duration limit = timeout.isZero() || timeout.isNegative() ? Duration.ofDays(365) : timeout;
            Optional<Programs.Result> result = programs.collect(process, limit);
            if (result.isEmpty()) {
                throw new CriException("failed to exec in container: timeout " + timeout.toMillis() / 1000.0
                        + "s exceeded: context deadline exceeded");
            }
            Programs.Result r = result.get();
            if (r.exitCode() != 0 && !Files.exists(pidFile)) {
                throw new CriException("failed to exec in container: failed to start exec \""
                        + container.record().id() + "\": OCI runtime exec failed: " + r.error() + ": unknown");
            }
            return new ExecResult(r.stdout(), r.stderr(), r.exitCode());
        } finally {
            end(process, pidFile);
        }
    }

    ExecSession exec(Container container, List<String> command, boolean tty, boolean stdin) throws IOException {
        Path pidFile = pidFile(container);
        List<String> line = command(container, pidFile, tty, command);
        return tty ? onTerminal(line, pidFile) : onPipes(line, pidFile, stdin);
    }

    private Path pidFile(Container container) {
        return container.directory().resolve("exec-" + execs.incrementAndGet() + ".pid");
    }

    private List<String> command(Container container, Path pidFile, boolean tty, List<String> command) {
        // runc 1.1 hands its own umask on, and ours may be for private files only.
        List<String> all = new ArrayList<>(List.of("/bin/sh", "-c", "umask 022; exec \"$@\"", "sh"));
        all.addAll(program.command("exec", "--pid-file", pidFile.toString()));
        if (tty) {
            all.addAll(List.of("--tty", "--env", "TERM=xterm"));
        }
        all.add(container.record().id());
        all.addAll(command);
        return all;
    }

    private ExecSession onPipes(List<String> command, Path pidFile, boolean stdin) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        if (!stdin) {
            builder.redirectInput(ProcessBuilder.Redirect.from(NULL.toFile()));
        }
        Process process = builder.start();
        return new ProcessSession(
                process,
                pidFile,
                stdin ? process.getOutputStream() : OutputStream.nullOutputStream(),
                process.getInputStream(),
                process.getErrorStream(),
                null);
    }

    /**
     * runc copies between the container's terminal and its own, which must be its controlling terminal, since the
     * kernel tells only that one's foreground of a new window size.
     */
    private ExecSession onTerminal(List<String> command, Path pidFile) throws IOException {
        Terminal terminal = Terminal.open();
        try {
            List<String> all = new ArrayList<>(
                    List.of("/bin/sh", "-c", "exec setsid -c \"$@\" <>" + terminal.path() + " >&0 2>&0", "sh"));
            all.addAll(command);
            Process process = new ProcessBuilder(all).start();
            process.onExit().thenRun(terminal::release);
            InputStream output = terminal.master().input("exec terminal");
            return new ProcessSession(
                    process,
                    pidFile,
                    terminal.master().output(() -> {}),
                    output,
                    InputStream.nullInputStream(),
                    terminal);
        } catch (IOException e) {
            terminal.close();
            throw e;
        }
    }

    /** The command inside may outlive runc's copier; so it is ended first, by its own id. */
    private static void end(Process process, Path pidFile) throws IOException {
        if (process.isAlive()) {
            if (Files.exists(pidFile)) {
                String pid = Files.readString(pidFile).strip();
                if (!pid.isEmpty()) {
                    Processes.kill(Long.parseLong(pid), Processes.SIGKILL);
                }
            }
            Programs.kill(process);
        }
        Files.deleteIfExists(pidFile);
    }

    private record ProcessSession(
            Process process,
            Path pidFile,
            OutputStream stdin,
            InputStream stdout,
            InputStream stderr,
            @org.jspecify.annotations.Nullable Terminal terminal)
            implements ExecSession {
        @Override
        public void resize(int columns, int rows) {
            if (terminal != null) {
                try {
                    terminal.resize(columns, rows);
                } catch (IOException e) {
                    System.getLogger("coracle.runtime").log(System.Logger.Level.DEBUG, "resize", e);
                }
            }
        }

        @Override
        public int waitFor() throws InterruptedException {
            int code = process.waitFor();
            // Without a process id the command never began; shells say 127 then, where runc says 255.
            return code != 0 && !Files.exists(pidFile) ? 127 : code;
        }

        @Override
        public void close() {
            try {
                end(process, pidFile);
                stdout.close();
                stderr.close();
                if (terminal == null) {
                    stdin.close();
                }
            } catch (IOException e) {
                System.getLogger("coracle.runtime").log(System.Logger.Level.DEBUG, "end of exec", e);
            }
        }
    }

    ExecSession attach(Container container, boolean stdin) throws IOException {
        Path path = container.directory().resolve("attach");
        if (!stdin && container.record().stdinOnce()) {
            String id = container.record().id();
            Onlookers onlookers = this.onlookers.computeIfAbsent(id, i -> new Onlookers());
            Onlookers.Output output;
            try {
                output = onlookers.join(path, () -> this.onlookers.remove(id));
            } catch (IOException e) {
                this.onlookers.remove(id);
                throw e;
            }
            return new AttachSession(container, OutputStream.nullOutputStream(), output, () -> {
                output.close();
                onlookers.leave(output);
            });
        }
        Descriptor socket = Descriptor.connectPackets(path);
        Onlookers.Output output = new Onlookers.Output();
        socket.pump("attach", output::take, output::end);
        OutputStream in = stdin ? socket.output(() -> socket.shutdown(true)) : OutputStream.nullOutputStream();
        return new AttachSession(container, in, output, () -> {
            socket.shutdown(false);
            output.close();
        });
    }

    private record AttachSession(Container container, OutputStream stdin, Onlookers.Output output, Runnable end)
            implements ExecSession {
        @Override
        public InputStream stdout() {
            return output.stdout();
        }

        @Override
        public InputStream stderr() {
            return output.stderr();
        }

        @Override
        public void resize(int columns, int rows) {
            try {
                // conmon reads "1 rows columns" from its control pipe. Opened for both ways, as else the kernel would
                // let this wait for a conmon that has ended.
                Path control = container.directory().resolve("ctl");
                try (var pipe = Files.newByteChannel(control, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    pipe.write(
                            ByteBuffer.wrap(("1 " + rows + " " + columns + "\n").getBytes(StandardCharsets.US_ASCII)));
                }
            } catch (IOException e) {
                System.getLogger("coracle.runtime").log(System.Logger.Level.DEBUG, "resize", e);
            }
        }

        @Override
        public int waitFor() throws InterruptedException {
            return container.awaitEnd();
        }

        @Override
        public void close() {
            end.run();
        }
    }
}
