package dev.coracle.runtime.oci;

import dev.coracle.machinery.env.Environment;
import dev.coracle.runtime.CriException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Finds and runs the programs the runtime stands on. */
final class Programs {
    private static final List<String> SYSTEM =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

    private final Environment environment;
    private final Duration patience;

    /** @param patience how long a command may take in {@link #run} */
    Programs(Environment environment, Duration patience) {
        this.environment = environment;
        this.patience = patience;
    }

    /** A program did not end in time and was killed. */
    static final class HungException extends IOException {
        HungException(String message) {
            super(message);
        }
    }

    record Result(int exitCode, byte[] stdout, byte[] stderr) {
        String error() {
            return new String(stderr, StandardCharsets.UTF_8).strip();
        }
    }

    /** Looks on PATH and where system programs are, which a plain user's PATH often leaves out. */
    static Optional<String> find(String program) {
        if (program.contains("/")) {
            return Files.isExecutable(Path.of(program)) ? Optional.of(program) : Optional.empty();
        }
        List<String> directories = new ArrayList<>();
        String path = System.getenv("PATH");
        if (path != null) {
            directories.addAll(List.of(path.split(":")));
        }
        directories.addAll(SYSTEM);
        return directories.stream()
                .filter(d -> !d.isEmpty())
                .map(d -> Path.of(d, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    /** Runs a command to its end. One that does not end is killed, with all that it started. */
    Result run(List<String> command) throws IOException {
        return run(new ProcessBuilder(command), command.getFirst());
    }

    /** @param name what the command is called in messages */
    Result run(ProcessBuilder builder, String name) throws IOException {
        Process process = builder.redirectInput(
                        ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        Optional<Result> result = Optional.empty();
        try {
            result = collect(process, patience);
        } finally {
            if (result.isEmpty()) {
                kill(process);
            }
        }
        return result.orElseThrow(() -> new HungException(name + " did not end within " + patience.toMillis() / 1000.0
                + " s and was killed; see whether a disk " + "or mount of this node is stuck or full: dmesg, df"));
    }

    /** Kills what was started, and what that has started. */
    static void kill(Process process) {
        List<ProcessHandle> started = process.descendants().toList();
        process.destroyForcibly();
        started.forEach(ProcessHandle::destroyForcibly);
    }

    /**
     * Reads all output and waits. Output of a descendant that keeps the pipe open after the command's end is waited for
     * only a second.
     *
     * @return empty when {@code timeout} passed; the process is still there
     */
    Optional<Result> collect(Process process, Duration timeout) throws IOException {
        var stdout = new Drain(process.getInputStream());
        var stderr = new Drain(process.getErrorStream());
        var out = environment.tasks().start("stdout", stdout);
        var err = environment.tasks().start("stderr", stderr);
        try {
            if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                return Optional.empty();
            }
            out.join(Duration.ofSeconds(1));
            err.join(Duration.ofSeconds(1));
            return Optional.of(new Result(process.exitValue(), stdout.bytes(), stderr.bytes()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill(process);
            throw new CriException("interrupted", e);
        }
    }

    /** Takes what comes; at most 16 MiB are kept, as the kubelet's limit for probe output is far below. */
    private static final class Drain implements Runnable {
        private static final int MOST = 16 << 20;
        private final InputStream in;
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

        Drain(InputStream in) {
            this.in = in;
        }

        @Override
        public void run() {
            byte[] buffer = new byte[8192];
            try (in) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    synchronized (taken) {
                        if (taken.size() < MOST) {
                            taken.write(buffer, 0, n);
                        }
                    }
                }
            } catch (IOException e) {
                // The process was ended; what came before counts.
            }
        }

        byte[] bytes() {
            synchronized (taken) {
                return taken.toByteArray();
            }
        }
    }
}
