package dev.coracle.e2e.harness;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A program that runs beside the test, with its output so far. */
public final class Running implements AutoCloseable {
    private final Path output;
    private final Process process;

    Running(Map<String, String> environment, List<String> command) {
        try {
            output = Files.createTempFile("coracle-e2e", ".log");
            ProcessBuilder b =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            b.environment().putAll(environment);
            process = b.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void type(String text) {
        try {
            OutputStream in = process.getOutputStream();
            in.write(text.getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Process process() {
        return process;
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
        try {
            Files.deleteIfExists(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
