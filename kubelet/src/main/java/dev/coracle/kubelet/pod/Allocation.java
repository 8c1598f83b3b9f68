package dev.coracle.kubelet.pod;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the node has promised a pod, and what its containers were given of it. Neither is in the pod's spec, which says
 * what somebody wishes by now, so it is kept in a file for the next life of the kubelet:
 *
 * <pre>{"allocated": {"containers": {"web": {"requests": {"cpu": "1"}}}}, "actual": {"web": {"requests": {"cpu": "500m"}}}}</pre>
 */
final class Allocation {
    private final Path directory;
    private final Path file;
    private final Unstructured kept;

    /** @param directory the pod's own on its node */
    Allocation(Path directory) {
        this.directory = directory;
        this.file = directory.resolve("resources.json");
        this.kept = new Unstructured(read(file));
    }

    private static Map<String, Object> read(Path file) {
        try {
            return Files.exists(file) ? Json.parseObject(Files.readString(file)) : new LinkedHashMap<>();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (MalformedJsonException e) {
            // As if there was none: the pod is taken to have what it asks for.
            System.getLogger("coracle.kubelet")
                    .log(System.Logger.Level.WARNING, "what a pod was promised is not read from " + file, e);
            return new LinkedHashMap<>();
        }
    }

    boolean isMade() {
        return kept.has("allocated");
    }

    /** Promises what the pod's spec asks for. */
    void make(Unstructured pod) {
        Unstructured allocated = new Unstructured(new LinkedHashMap<>());
        allocated.set(Json.copyOrNull(pod.get("spec", "resources")), "resources");
        allocated.set(new LinkedHashMap<>(), "containers");
        for (Unstructured c : Specs.all(pod)) {
            allocated.set(resources(c), "containers", c.string("name"));
        }
        write(allocated.map(), "allocated");
    }

    /** A run of the container begins with these amounts, or has got them. */
    void give(Unstructured container) {
        write(resources(container), "actual", container.string("name"));
    }

    private static Map<String, Object> resources(Unstructured container) {
        return Json.copy(container.object("resources").map());
    }

    private void write(Map<String, Object> value, String... path) {
        if (value.equals(kept.get(path))) {
            return;
        }
        kept.set(value, path);
        try {
            Files.createDirectories(directory);
            Path next = directory.resolve("resources.json.next");
            Files.writeString(next, Json.string(kept.map()));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The pod with what it was promised where its spec says what it asks for. */
    Unstructured of(Unstructured pod) {
        if (!isMade()) {
            return pod;
        }
        Unstructured copy = pod.copy();
        if (kept.has("allocated", "resources") || pod.has("spec", "resources")) {
            copy.set(Json.copyOrNull(kept.get("allocated", "resources")), "spec", "resources");
        }
        for (Unstructured c : Specs.all(copy)) {
            Object resources = kept.get("allocated", "containers", c.string("name"));
            if (resources != null) {
                c.set(Json.copyOrNull(resources), "resources");
            }
        }
        return copy;
    }

    /** What the container has, if it runs: of cpu and memory what it was given, else what it was promised. */
    Unstructured actual(Unstructured promised) {
        Unstructured copy = promised.copy();
        String name = promised.string("name");
        if (kept.has("actual", name)) {
            for (String side : new String[] {"limits", "requests"}) {
                for (String resource : new String[] {"cpu", "memory"}) {
                    copy.set(kept.get("actual", name, side, resource), "resources", side, resource);
                }
                if (copy.object("resources", side).map().isEmpty()) {
                    copy.remove("resources", side);
                }
            }
        }
        return copy;
    }
}
