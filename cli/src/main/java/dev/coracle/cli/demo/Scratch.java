package dev.coracle.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory that everybody may enter and that goes with all in it on close. */
final class Scratch implements AutoCloseable {
    private final Path directory;

    Scratch() throws IOException {
        directory = Files.createTempDirectory("coracle-images");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    Path resolve(String name) {
        return directory.resolve(name);
    }

    /** Runs a program to its end. @throws IOException with its last output if it fails */
    void run(String... command) throws IOException {
        Path log = directory.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        await(process, command[0], log);
    }

    static void await(Process process, String name, Path log) throws IOException {
        int code;
        try {
            code = process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while running " + name, e);
        }
        if (code != 0) {
            List<String> lines = Files.readAllLines(log);
            String tail = String.join("\n", lines.subList(Math.max(0, lines.size() - 8), lines.size()));
            throw new IOException(name + " failed with exit code " + code + ":\n" + tail);
        }
    }

    @Override
    public void close() throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.walk(directory)) {
            all = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : all) {
            Files.deleteIfExists(file);
        }
    }
}
