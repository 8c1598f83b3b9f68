package dev.coracle.cli.demo;

import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a directory with a {@code kustomization.yaml} that does no more than gather {@code resources}, as
 * {@code deploy/local} does; anything else in it is refused rather than passed over ({@code kubectl apply -k} does it
 * all).
 */
public final class Kustomization {
    private static final Set<String> KNOWN = Set.of("apiVersion", "kind", "resources");

    private Kustomization() {}

    /** The objects in the order they are listed. */
    public static List<Unstructured> read(Path directory) throws IOException {
        List<Unstructured> objects = new ArrayList<>();
        Path file = directory.resolve("kustomization.yaml");
        for (Unstructured k : parse(file)) {
            for (String field : k.map().keySet()) {
                if (!KNOWN.contains(field)) {
                    throw new IllegalArgumentException(
                            file + ": the field " + field + " needs `kubectl apply -k " + directory + "`");
                }
            }
            for (String resource : k.stringList("resources")) {
                Path path = directory.resolve(resource).normalize();
                objects.addAll(Files.isDirectory(path) ? read(path) : parse(path));
            }
        }
        return objects;
    }

    @SuppressWarnings("unchecked")
    private static List<Unstructured> parse(Path file) throws IOException {
        List<Unstructured> objects = new ArrayList<>();
        for (Object document : Yaml.parseAll(Files.readString(file))) {
            if (document instanceof Map<?, ?> map) {
                objects.add(new Unstructured((Map<String, Object>) map));
            }
        }
        return objects;
    }
}
