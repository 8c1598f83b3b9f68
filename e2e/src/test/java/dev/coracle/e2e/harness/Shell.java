package dev.coracle.e2e.harness;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs as a user does: words in, exit code and text out. */
public final class Shell {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** How a program ended. */
    public record Result(List<String> command, int code, String out, String err) {
        /** The output of a program that must succeed. */
        public String ok() {
            if (code != 0) {
                throw new AssertionError(this + " was to succeed");
            }
            return out;
        }

        /** What a program that must fail said of it, wherever it did. */
        public String refused() {
            if (code == 0) {
                throw new AssertionError(this + " was to fail");
            }
            return err + out;
        }

        @Override
        public String toString() {
            return "`" + String.join(" ", command) + "` ended with " + code + "\n" + out + err;
        }
    }

    private Shell() {}

    /** @param input what the program reads; at its end it sees the end of its input */
    public static Result run(Map<String, String> environment, String input, List<String> command) {
        try {
            Path out = Files.createTempFile("coracle-e2e", ".out");
            Path err = Files.createTempFile("coracle-e2e", ".err");
            Path in = Files.createTempFile("coracle-e2e", ".in");
            try {
                Files.writeString(in, input);
                // Files, not pipes: a daemon that inherits one must not keep us waiting for its end.
                Process p = start(environment, command, in.toFile(), out.toFile(), err.toFile());
                if (!p.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    p.descendants().forEach(ProcessHandle::destroyForcibly);
                    p.destroyForcibly().waitFor();
                    throw new AssertionError("`" + String.join(" ", command) + "` did not end within " + PATIENCE + "\n"
                            + Files.readString(out) + Files.readString(err));
                }
                return new Result(command, p.exitValue(), Files.readString(out), Files.readString(err));
            } finally {
                Files.deleteIfExists(out);
                Files.deleteIfExists(err);
                Files.deleteIfExists(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted in " + command, e);
        }
    }

    static Process start(Map<String, String> environment, List<String> command, File in, File out, File err)
            throws IOException {
        ProcessBuilder b = new ProcessBuilder(command)
                .redirectInput(in)
                .redirectOutput(out)
                .redirectError(err);
        b.environment().putAll(environment);
        return b.start();
    }
}
