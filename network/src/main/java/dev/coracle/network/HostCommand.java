package dev.coracle.network;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs the system's network tools ({@code ip}, {@code nft}, {@code conntrack}), which must be on the path. */
public final class HostCommand {
    private HostCommand() {}

    /** Far beyond what any of them takes; one that hangs must not hold up whoever waits for it for ever. */
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private static final int MOST_OUTPUT = 16 << 20;
    /** As of {@code timeout}. */
    private static final int TIMED_OUT = 124;

    /** What a finished command said; {@code output} holds the beginning of both of its streams. */
    public record Result(int code, String output) {
        public boolean ok() {
            return code == 0;
        }
    }

    /**
     * Runs a command to its end, feeding it {@code input}. One that takes more than a minute is killed, and failed.
     *
     * @throws UncheckedIOException when the command cannot be started
     */
    public static Result run(String input, List<String> command) {
        return run(input, command, LIMIT);
    }

    static Result run(String input, List<String> command, Duration limit) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            var late = new AtomicBoolean();
            // Its death ends our waiting for its output, too.
            var watch = process.onExit()
                    .orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS)
                    .exceptionally(e -> {
                        late.set(true);
                        // By its handle: the other way closes the streams while we read.
                        process.toHandle().destroyForcibly();
                        return process;
                    });
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It ended without reading all of its input; its exit code and output tell why.
            }
            String output;
            try (InputStream out = process.getInputStream()) {
                output = new String(out.readNBytes(MOST_OUTPUT), StandardCharsets.UTF_8);
                out.transferTo(OutputStream.nullOutputStream());
            }
            int code = process.waitFor();
            watch.join();
            return late.get()
                    ? new Result(TIMED_OUT, "did not end within " + limit.toSeconds() + " s: " + output)
                    : new Result(code, output);
        } catch (IOException e) {
            throw new UncheckedIOException(command.getFirst() + " cannot be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(command.getFirst() + " was interrupted", e);
        }
    }

    public static Result run(String... command) {
        return run("", List.of(command));
    }

    /** As {@link #run(String, List)}, but a failure is an {@link IllegalStateException} with the tool's own words. */
    public static String must(String input, String... command) {
        Result result = run(input, List.of(command));
        if (!result.ok()) {
            throw new IllegalStateException(String.join(" ", command) + ": exit " + result.code() + ": "
                    + result.output().strip());
        }
        return result.output();
    }

    /** One transaction of nftables: all of it happens or nothing. */
    public static void nft(String script) {
        must(script, "nft", "-f", "-");
    }
}
