package dev.coracle.cli.demo;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Built archives in a directory, {@code NAME-KEY.tar} each with its image ids beside it. The key stands for all that the
 * images are made of; of each name only the newest archive is kept. Processes wait for each other.
 */
final class ImageCache {
    private final Path directory;

    ImageCache(Path directory) {
        this.directory = directory;
    }

    /** Writes the archive and tells the ids of its images by name. */
    @FunctionalInterface
    interface Recipe {
        Map<String, String> write(Path archive) throws IOException;
    }

    ImageFile get(String name, String key, Recipe recipe) throws IOException {
        Files.createDirectories(directory);
        Path archive = directory.resolve(name + "-" + key + ".tar");
        Path ids = directory.resolve(name + "-" + key + ".json");
        try (FileChannel file = FileChannel.open(
                        directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var lock = file.lock()) {
            if (!Files.exists(archive) || !Files.exists(ids) || !lock.isValid()) {
                Path part = directory.resolve(name + ".part");
                byte[] written = Json.bytes(recipe.write(part));
                forget(name);
                Files.move(part, archive, StandardCopyOption.ATOMIC_MOVE);
                // The ids last: where they are, the archive is whole.
                Files.write(ids, written);
            }
            return new ImageFile(
                    archive, Unstructured.parse(Files.readAllBytes(ids)).strings());
        }
    }

    private void forget(String name) throws IOException {
        List<Path> old;
        try (Stream<Path> files = Files.list(directory)) {
            old = files.filter(f -> f.getFileName().toString().matches(name + "-[0-9a-f]+\\.(tar|json)"))
                    .toList();
        }
        for (Path file : old) {
            Files.delete(file);
        }
    }
}
