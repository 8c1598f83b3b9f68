package dev.coracle.cli.lab;

import dev.coracle.cli.demo.Kustomization;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The labs of a checkout: {@code labs/LAB/exercises/NAME.yaml}, and the manifests beside. */
public final class Course {
    private static final Set<String> NOT_OURS = Set.of("Namespace");

    private final Path labs;

    /** @param dist the source tree */
    public Course(Path dist) {
        this.labs = dist.resolve("labs");
    }

    /** In the order in which they are to be done. */
    List<Exercise> exercises() throws IOException {
        List<Exercise> all = new ArrayList<>();
        for (Path file : files()) {
            all.add(read(file));
        }
        return all;
    }

    /** @param name {@code 2a} */
    Exercise exercise(String name) throws IOException {
        List<String> names = new ArrayList<>();
        for (Path file : files()) {
            String known = file.getFileName().toString().replace(".yaml", "");
            if (known.equals(name)) {
                return read(file);
            }
            names.add(known);
        }
        throw new IllegalArgumentException("there is no exercise \"" + name + "\", only " + String.join(", ", names));
    }

    private List<Path> files() throws IOException {
        if (!Files.isDirectory(labs)) {
            throw new IllegalStateException(labs + " is missing: the labs come with Coracle's source");
        }
        try (Stream<Path> files = Files.walk(labs, 3)) {
            return files.filter(f -> labs.relativize(f).toString().matches("[^/]+/exercises/[^/]+\\.yaml"))
                    .sorted()
                    .toList();
        }
    }

    private Exercise read(Path file) throws IOException {
        Path lab = Optional.ofNullable(file.getParent()).map(Path::getParent).orElseThrow();
        Entry e = Entry.of(where(file), documents(file).getFirst(), Exercise.FIELDS);
        List<String> namespaces = e.texts("namespaces");
        if (namespaces.isEmpty()) {
            throw new IllegalArgumentException(e.where() + ": namespaces is missing");
        }
        List<Change> changes = Change.listed(e);
        List<Unstructured> objects = new ArrayList<>();
        for (String start : e.texts("start")) {
            for (Unstructured o : manifests(lab.resolve(start).normalize())) {
                if (!NOT_OURS.contains(o.kind())) {
                    objects.add(Change.all(changes, placed(o, namespaces)));
                }
            }
        }
        List<Breakage> breakages = new ArrayList<>();
        if (e.fields().has("breakages")) {
            Path list = lab.resolve(e.text("breakages"));
            for (Object tree : documents(list)) {
                breakages.add(Breakage.of(where(list) + "[" + breakages.size() + "]", tree));
            }
        }
        return new Exercise(
                e.text("exercise"),
                String.valueOf(lab.getFileName()),
                e.text("title"),
                namespaces,
                List.copyOf(objects),
                e.entries("checks", Check.FIELDS).stream().map(Check::of).toList(),
                e.texts("hints"),
                List.copyOf(breakages));
    }

    /** FlowForge's manifests say where it lies, but the copy that is broken lies with the lab. */
    static Unstructured placed(Unstructured object, List<String> namespaces) {
        return namespaces.contains(object.namespace())
                ? object
                : object.copy().set(namespaces.getFirst(), "metadata", "namespace");
    }

    /** Of a file, or of a directory with a {@code kustomization.yaml}. */
    @SuppressWarnings("unchecked")
    static List<Unstructured> manifests(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return Kustomization.read(path);
        }
        return documents(path).stream()
                .map(d -> new Unstructured((Map<String, Object>) d))
                .toList();
    }

    private static List<Object> documents(Path file) throws IOException {
        try {
            return Yaml.parseStrictly(Files.readString(file));
        } catch (MalformedJsonException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    private String where(Path file) {
        return labs.relativize(file).toString();
    }
}
