package dev.coracle.cli.kubectl.resource;

import dev.coracle.cli.demo.Kustomization;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.print.JsonText;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Objects from {@code -f} (files, directories, URLs, {@code -} for standard input) and {@code -k}. */
public final class Manifests {
    /** The flags that name them. */
    public static final String[] FLAGS = {"filename,f*", "kustomize,k", "recursive,R!"};

    /** @param source how messages name where it came from */
    public record Entry(ApiResource resource, Unstructured object, String source) {
        public String namespace() {
            return object.namespace();
        }

        public String title() {
            return resource.qualified() + "/" + object.name();
        }
    }

    private final Session session;
    private final Catalog catalog;
    private final Validation validation;

    public Manifests(Session session, Catalog catalog) {
        this(session, catalog, Validation.NONE);
    }

    public Manifests(Session session, Catalog catalog, Validation validation) {
        this.session = session;
        this.catalog = catalog;
        this.validation = validation;
    }

    /** Empty when neither flag is given, not when the files hold nothing. */
    public List<Entry> read(Flags.Line line, String verb) throws IOException {
        List<Entry> entries = read(line);
        if (entries.isEmpty()) {
            throw new Failure("no objects passed to " + verb);
        }
        return entries;
    }

    /** Empty when neither flag is given. */
    public List<Entry> read(Flags.Line line) throws IOException {
        List<Entry> entries = new ArrayList<>();
        if (line.has("kustomize")) {
            if (line.has("filename")) {
                throw new Failure("only one of -f or -k can be specified");
            }
            String dir = line.get("kustomize");
            try {
                for (Unstructured o : Kustomization.read(Path.of(dir))) {
                    entries.add(entry(o, dir));
                }
            } catch (NoSuchFileException e) {
                if (!String.valueOf(e.getFile()).endsWith("kustomization.yaml")) {
                    throw new Failure("accumulating resources: " + e.getFile() + ": no such file or directory");
                }
                throw new Failure("unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization'"
                        + " in directory '" + Path.of(dir).toAbsolutePath() + "'");
            }
            return entries;
        }
        for (String names : line.all("filename")) {
            for (String name : names.split(",")) {
                file(name, line.on("recursive"), entries);
            }
        }
        return entries;
    }

    private void file(String name, boolean recursive, List<Entry> entries) throws IOException {
        if (name.startsWith("http://") || name.startsWith("https://")) {
            add(Download.of(name), name, entries);
            return;
        }
        if (name.equals("-")) {
            add(text(session.in().readAllBytes()), "STDIN", entries);
            return;
        }
        Path path = Path.of(name);
        if (!Files.exists(path)) {
            throw new Failure("the path \"" + name + "\" does not exist");
        }
        if (!Files.isDirectory(path)) {
            add(text(Files.readAllBytes(path)), name, entries);
            return;
        }
        List<Path> files;
        try (Stream<Path> walk = Files.walk(path, recursive ? Integer.MAX_VALUE : 1)) {
            files = walk.filter(Files::isRegularFile)
                    .filter(f -> f.toString().matches(".*\\.(json|yaml|yml)"))
                    .sorted()
                    .toList();
        }
        if (files.isEmpty()) {
            throw new Failure("error reading [" + name + "]: recognized file extensions are [.json .yaml .yml]");
        }
        for (Path f : files) {
            add(text(Files.readAllBytes(f)), f.toString(), entries);
        }
    }

    /** As UTF-8, unless a byte order mark says UTF-16, as some editors save; what is neither shows as U+FFFD. */
    private static String text(byte[] bytes) {
        int first = bytes.length < 2 ? 0 : (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
        boolean wide = first == 0xfeff || first == 0xfffe;
        return new String(bytes, wide ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8);
    }

    @SuppressWarnings("unchecked")
    private void add(String text, String source, List<Entry> entries) {
        List<Object> documents;
        try {
            documents = Yaml.parseAll(text);
        } catch (MalformedJsonException e) {
            throw new Failure("error parsing " + source + ": error converting YAML to JSON: " + e.getMessage());
        }
        for (Object d : documents) {
            if (!(Yaml.sorted(d) instanceof Map<?, ?> m)) {
                throw new Failure("error parsing " + source + ": an object is expected, not " + Json.string(d));
            }
            Unstructured o = new Unstructured((Map<String, Object>) m);
            if (o.kind().endsWith("List") && o.has("items")) {
                o.objects("items").forEach(i -> entries.add(entry(i, source)));
            } else {
                entries.add(entry(o, source));
            }
        }
    }

    private Entry entry(Unstructured object, String source) {
        String missing = !object.has("kind") ? "kind" : !object.has("apiVersion") ? "apiVersion" : "";
        if (!missing.isEmpty() && validation.looks()) {
            throw new Failure("error validating \"" + source + "\": error validating data: " + missing
                    + " not set; if you choose to ignore these errors, turn validation off with --validate=false");
        }
        if (missing.equals("kind")) {
            throw new Failure("unable to decode \"" + source + "\": Object 'Kind' is missing in '"
                    + JsonText.compact(object.map()) + "'");
        }
        Optional<ApiResource> found = catalog.of(object.groupVersionKind());
        ApiResource r = found.orElseThrow(() -> new Failure("resource mapping not found for name: \"" + object.name()
                + "\" namespace: \"" + object.namespace() + "\" from \"" + source + "\": no matches for kind \""
                + object.kind() + "\" in version \"" + object.apiVersion() + "\"\nensure CRDs are installed first"));
        if (r.namespaced()) {
            if (object.namespace().isEmpty()) {
                object.set(session.namespace(), "metadata", "namespace");
            } else if (session.namespaceGiven() && !object.namespace().equals(session.namespace())) {
                throw new Failure("the namespace from the provided object \"" + object.namespace()
                        + "\" does not match the namespace \"" + session.namespace()
                        + "\". You must pass '--namespace=" + object.namespace() + "' to perform this operation.");
            }
        }
        return new Entry(r, object, source);
    }
}
