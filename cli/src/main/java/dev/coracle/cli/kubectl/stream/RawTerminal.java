package dev.coracle.cli.kubectl.stream;

import dev.coracle.cli.kubectl.base.Session;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The user's terminal handed through as it is, key by key; given back as it was when closed. {@code stty} does it. */
final class RawTerminal implements AutoCloseable {
    private final String before;

    private RawTerminal(String before) {
        this.before = before;
    }

    /** Whether standard input is one, and it is what the session reads. */
    static boolean isStandardInput(Session session) throws InterruptedException {
        if (session.in() != System.in) {
            return false;
        }
        try {
            return new ProcessBuilder("stty", "-g")
                            .redirectInput(ProcessBuilder.Redirect.INHERIT)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    static RawTerminal enter() throws IOException, InterruptedException {
        String before = stty("-g");
        stty("raw", "-echo");
        return new RawTerminal(before.trim());
    }

    private static String stty(String... arguments) throws IOException, InterruptedException {
        var command = new java.util.ArrayList<>(java.util.List.of("stty"));
        command.addAll(java.util.List.of(arguments));
        Process p = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        if (p.waitFor() != 0) {
            throw new IOException("the terminal cannot be set: stty " + String.join(" ", arguments));
        }
        return said;
    }

    @Override
    public void close() throws IOException {
        try {
            stty(before);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
