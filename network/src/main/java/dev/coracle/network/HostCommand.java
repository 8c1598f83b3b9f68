package dev.coracle.network;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs the system's network tools ({@code ip}, {@code nft}, {@code conntrack}), which must be on the path. */
public final class HostCommand {
    private HostCommand() {}

    /** What a finished command said; {@code output} holds both of its streams. */
    public record Result(int code, String output) {
        public boolean ok() {
            return code == 0;
        }
    }

    /**
     * Runs a command to its end, feeding it {@code input}.
     *
     * @throws UncheckedIOException when the command cannot be started
     */
    public static Result run(String input, List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It ended without reading all of its input; its exit code and output tell why.
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), output);
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
