package dev.coracle.cli.lab;

import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What is remembered of an exercise beside the cluster: in it, a student would come across what was broken.
 *
 * @param hints how many were given
 * @param breakages that were chosen
 */
record Notes(int hints, List<String> breakages) {
    static final Notes NONE = new Notes(0, List.of());

    static Notes read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return NONE;
        }
        Unstructured o = Unstructured.parse(Files.readAllBytes(file));
        return new Notes((int) o.integer(0, "hints"), o.stringList("breakages"));
    }

    Notes hinted(int count) {
        return new Notes(count, breakages);
    }

    void write(Path file) throws IOException {
        if (file.getParent() != null) {
            Files.createDirectories(file.getParent());
        }
        Files.write(
                file,
                Unstructured.parse("{}")
                        .set((long) hints, "hints")
                        .set(breakages, "breakages")
                        .json());
    }
}
