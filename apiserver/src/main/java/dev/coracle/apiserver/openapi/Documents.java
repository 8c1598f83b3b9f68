package dev.coracle.apiserver.openapi;

import dev.coracle.apiserver.authorization.Reviews;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.schema.Schemas;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Makes documents when they are first asked for, and anew when the resources they tell of have changed. */
public final class Documents {
    /**
     * One document.
     *
     * @param json its bytes, not to be changed
     * @param hash changes when they do
     */
    public record Document(byte[] json, String hash) {}

    /** What other servers say of what they answer for. */
    public interface Others {
        /** Another whenever something of it is. */
        String changes();

        /** The version 3 documents that they have, as {@link Documents#index}. */
        Map<String, String> documents();

        /** Adds what they say to the version 2 document. */
        void describe(Map<String, Object> paths, Map<String, Object> definitions);
    }

    public static final Others NO_OTHERS = new Others() {
        @Override
        public String changes() {
            return "";
        }

        @Override
        public Map<String, String> documents() {
            return Map.of();
        }

        @Override
        public void describe(Map<String, Object> paths, Map<String, Object> definitions) {}
    };

    private record Made(List<ResourceDefinition> of, String others, Document document) {}

    private static final String ALL = "";

    private final Supplier<? extends Iterable<ResourceDefinition>> definitions;
    private final Schemas schemas;
    private final Others others;
    private final Map<String, Made> made = new ConcurrentHashMap<>();
    private byte[] protobuf = {};
    private String protobufOf = "";

    /** @param definitions those that are served at the moment */
    public Documents(Supplier<? extends Iterable<ResourceDefinition>> definitions, Schemas schemas) {
        this(definitions, schemas, NO_OTHERS);
    }

    public Documents(Supplier<? extends Iterable<ResourceDefinition>> definitions, Schemas schemas, Others others) {
        this.definitions = definitions;
        this.schemas = schemas;
        this.others = others;
    }

    /** The paths that have a document of version 3, {@code api/v1} and {@code apis/apps/v1}, with its hash. */
    public Map<String, String> index() {
        Map<String, String> index = new TreeMap<>();
        for (String at : groupVersions().keySet()) {
            document(at).ifPresent(d -> index.put(at, d.hash()));
        }
        return index;
    }

    /**
     * The document of version 3 of a group and version.
     *
     * @param at {@code api/v1}, {@code apis/apps/v1}
     */
    public Optional<Document> document(String at) {
        List<ResourceDefinition> served = groupVersions().get(at);
        return served == null ? Optional.empty() : Optional.of(cached(at, served));
    }

    /** The document of version 2, of everything. */
    public Document version2() {
        List<ResourceDefinition> served = new ArrayList<>();
        definitions.get().forEach(served::add);
        return cached(ALL, served);
    }

    /** The same, for clients that want it in protobuf; made when the first one asks. */
    public synchronized byte[] version2Protobuf() {
        Document json = version2();
        if (!json.hash().equals(protobufOf)) {
            protobuf = ProtobufDocument.of(json.json());
            protobufOf = json.hash();
        }
        return protobuf;
    }

    private Map<String, List<ResourceDefinition>> groupVersions() {
        Map<String, List<ResourceDefinition>> found = new TreeMap<>();
        for (ResourceDefinition d : definitions.get()) {
            found.computeIfAbsent(d.resource().prefix().substring(1), at -> new ArrayList<>())
                    .add(d);
        }
        for (Reviews.Resource r : Reviews.ALL) {
            found.computeIfAbsent(at(r), at -> new ArrayList<>());
        }
        return found;
    }

    private static String at(Reviews.Resource review) {
        return "apis/" + review.kind().apiVersion();
    }

    private Document cached(String at, List<ResourceDefinition> served) {
        String changes = at.equals(ALL) ? others.changes() : "";
        return Objects.requireNonNull(made.compute(
                        at,
                        (k, known) -> known != null
                                        && known.of().equals(served)
                                        && known.others().equals(changes)
                                ? known
                                : make(at, served, changes)))
                .document();
    }

    private Made make(String at, List<ResourceDefinition> served, String changes) {
        Dialect dialect = at.equals(ALL) ? Dialect.V2 : Dialect.V3;
        Components components = new Components(dialect, schemas);
        Paths paths = new Paths(dialect, components);
        served.forEach(paths::add);
        Reviews.ALL.stream().filter(r -> at.equals(ALL) || at.equals(at(r))).forEach(paths::add);
        if (at.equals(ALL) || at.equals("api/v1")) {
            paths.addRead("/api/v1/componentstatuses", new GroupVersionKind("", "v1", "ComponentStatus"));
        }
        components.meta("WatchEvent");
        Map<String, Object> tree = new LinkedHashMap<>();
        Map<String, Object> token = Dialect.ordered("type", "apiKey", "name", "authorization");
        token.put("in", "header");
        token.put("description", "Bearer Token authentication");
        Map<String, Object> security = Map.of("BearerToken", token);
        tree.put(dialect == Dialect.V2 ? "swagger" : "openapi", dialect == Dialect.V2 ? "2.0" : "3.0.0");
        tree.put("info", Dialect.ordered("title", "Kubernetes", "version", "v1.36.0"));
        Map<String, Object> allPaths = new LinkedHashMap<>(paths.all());
        Map<String, Object> definitions = new LinkedHashMap<>(components.all());
        tree.put("paths", allPaths);
        if (dialect == Dialect.V2) {
            others.describe(allPaths, definitions);
            tree.put("definitions", definitions);
            tree.put("securityDefinitions", security);
            tree.put("security", List.of(Map.of("BearerToken", List.of())));
        } else {
            tree.put("components", Dialect.ordered("schemas", definitions, "securitySchemes", security));
        }
        byte[] json = Json.bytes(tree);
        return new Made(List.copyOf(served), changes, new Document(json, hash(json)));
    }

    /** What a document's bytes are told by. */
    public static String hash(byte[] json) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(json);
            return HexFormat.of().formatHex(digest).toUpperCase(Locale.ROOT);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
