package dev.coracle.apiserver.http;

import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.Schema;
import dev.coracle.machinery.schema.Schemas;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Requests of every verb on every kind, from nearly right to nonsense: bodies are made by the kind's schema, with a wrong
 * value here and there, and sometimes a few bytes of them are changed. The same seed makes the same requests.
 */
final class FuzzedRequests {
    /** @param type of the content; {@code ""} for none */
    record Fuzzed(String method, String path, String type, String accept, byte[] body) {
        @Override
        public String toString() {
            String text = new String(body, StandardCharsets.UTF_8);
            return method + " " + path + " [" + type + "] accept " + accept + "\n"
                    + (text.length() > 4000 ? text.substring(0, 4000) + "… " + text.length() : text);
        }
    }

    private static final List<String> NAMES = List.of("a", "b", "web-0", "c".repeat(63));
    private static final List<String> BAD_NAMES =
            List.of("", "A", "..", ".", "a_b", "-a", "ä", "x".repeat(300), "a/b", "a b", "%", "\u0000", "a\n");
    private static final List<String> PARAMETERS = List.of(
            "limit",
            "continue",
            "resourceVersion",
            "resourceVersionMatch",
            "labelSelector",
            "fieldSelector",
            "timeoutSeconds",
            "dryRun",
            "fieldManager",
            "fieldValidation",
            "force",
            "gracePeriodSeconds",
            "propagationPolicy",
            "orphanDependents",
            "pretty",
            "includeObject",
            "sendInitialEvents",
            "allowWatchBookmarks",
            "container",
            "command",
            "hash");
    private static final List<String> VALUES = List.of(
            "",
            "0",
            "1",
            "-1",
            "true",
            "false",
            "All",
            "Strict",
            "Warn",
            "Ignore",
            "Exact",
            "NotOlderThan",
            "Foreground",
            "Orphan",
            "99999999999999999999",
            "9223372036854775807",
            "-9223372036854775808",
            "1e3",
            "a=b",
            "a in (b,a)",
            "a notin ()",
            "!a",
            "a,b",
            "a==b,c!=d",
            "metadata.name=a",
            "metadata.name!=a",
            "spec.x=1",
            "status.phase=",
            "((",
            "a in (",
            "=",
            ",",
            "Object",
            "None",
            "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhIn0",
            "\u0000",
            "ä");
    private static final List<String> TYPES = List.of(
            "application/json",
            "application/yaml",
            "application/vnd.kubernetes.protobuf",
            "application/json-patch+json",
            "application/merge-patch+json",
            "application/strategic-merge-patch+json",
            "application/apply-patch+yaml",
            "text/plain",
            "");
    private static final List<String> ACCEPTS = List.of(
            "application/json",
            "application/vnd.kubernetes.protobuf",
            "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json;q=0.1",
            "application/yaml",
            "application/json;as=Table;v=v1;g=meta.k8s.io",
            "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
            "*/*",
            "text/html");
    private static final List<Object> STRAYS = List.of(
            "",
            "x",
            -1L,
            0L,
            Long.MAX_VALUE,
            1e300,
            0.5,
            true,
            List.of(),
            Map.of(),
            List.of(List.of(1L)),
            "\u0000",
            "ä".repeat(50));

    private final List<ResourceDefinition> definitions;
    private final Schemas schemas;
    private final Random random;

    FuzzedRequests(List<ResourceDefinition> definitions, Schemas schemas, long seed) {
        this.definitions = definitions;
        this.schemas = schemas;
        this.random = new Random(seed);
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private boolean rarely(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    Fuzzed next() {
        ResourceDefinition d = one(definitions);
        String name = rarely(15) ? one(BAD_NAMES) : one(NAMES);
        String method =
                one(List.of("GET", "GET", "POST", "POST", "PUT", "PATCH", "PATCH", "PATCH", "DELETE", "OPTIONS"));
        boolean collection = method.equals("POST") ? !rarely(6) : rarely(method.equals("GET") ? 3 : 12);
        StringBuilder path = new StringBuilder(
                d.kind().group().isEmpty() ? "/api/" : "/apis/" + d.kind().group() + "/");
        path.append(rarely(60) ? "v9" : d.kind().version());
        if (d.namespaced() != rarely(30)) {
            path.append("/namespaces/").append(encoded(rarely(20) ? name : "default"));
        }
        path.append('/').append(d.plural());
        if (!collection) {
            path.append('/').append(encoded(name));
            if (rarely(5)) {
                List<String> subresources = new ArrayList<>(d.subresources());
                subresources.addAll(
                        List.of("status", "scale", "log", "proxy", "token", "nonsense", "binding", "eviction"));
                path.append('/').append(one(subresources));
            }
        }
        if (rarely(80)) {
            path.setCharAt(1 + random.nextInt(path.length() - 1), one(List.of('/', '%', '.', ';', '~', 'x')));
        }
        query(method, path);
        boolean patch = method.equals("PATCH");
        boolean carries =
                patch || method.equals("POST") || method.equals("PUT") || method.equals("DELETE") && rarely(3);
        String type =
                !carries ? "" : rarely(12) ? one(TYPES) : patch ? one(TYPES.subList(3, 7)) : one(TYPES.subList(0, 2));
        byte[] body = carries ? body(d, name, method, type) : new byte[0];
        return new Fuzzed(method, path.toString(), type, rarely(4) ? one(ACCEPTS) : "application/json", body);
    }

    private void query(String method, StringBuilder path) {
        char separator = '?';
        if (method.equals("PATCH") && !rarely(10)) {
            path.append("?fieldManager=fuzz");
            separator = '&';
        }
        while (rarely(3)) {
            path.append(separator).append(one(PARAMETERS)).append('=').append(encoded(one(VALUES)));
            separator = '&';
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private byte[] body(ResourceDefinition d, String name, String method, String type) {
        // What users brought looks much like a workload.
        Schema schema = schemas.of(d.kind())
                .or(() -> schemas.of(new GroupVersionKind("apps", "v1", "Deployment")))
                .orElseThrow();
        Object tree;
        if (method.equals("DELETE")) {
            tree = schemas.of("v1", "DeleteOptions").map(s -> value(s, 3)).orElse(Map.of());
        } else if (type.contains("json-patch")) {
            tree = operations(schema);
        } else {
            Unstructured o = new Unstructured(object(schema, 7));
            o.set(d.kind().apiVersion(), "apiVersion").set(d.kind().kind(), "kind");
            if (o.get("metadata") instanceof LinkedHashMap<?, ?> || rarely(20)) {
                metadata(o, d, name);
            } else {
                o.set(new LinkedHashMap<String, Object>(Map.of("name", name)), "metadata");
            }
            tree = o.map();
        }
        byte[] bytes = Json.bytes(tree);
        while (rarely(12) && bytes.length > 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return rarely(100) ? java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes;
    }

    private void metadata(Unstructured o, ResourceDefinition d, String name) {
        if (!(o.get("metadata") instanceof LinkedHashMap<?, ?>)) {
            return;
        }
        o.set(name, "metadata", "name");
        if (d.namespaced() && !rarely(10)) {
            o.set("default", "metadata", "namespace");
        }
        for (String own : List.of("resourceVersion", "uid", "managedFields", "deletionTimestamp", "finalizers")) {
            if (!rarely(6)) {
                o.remove("metadata", own);
            }
        }
    }

    private List<Object> operations(@Nullable Schema schema) {
        List<Object> operations = new ArrayList<>();
        int n = random.nextInt(4);
        for (int i = 0; i < n; i++) {
            Map<String, Object> op = new LinkedHashMap<>();
            op.put("op", one(List.of("add", "replace", "remove", "test", "copy", "move", "x")));
            op.put("path", pointer(schema));
            if (rarely(2)) {
                op.put("from", pointer(schema));
            }
            op.put("value", rarely(2) ? one(STRAYS) : object(schema, 3));
            operations.add(op);
        }
        return operations;
    }

    private String pointer(@Nullable Schema schema) {
        StringBuilder path = new StringBuilder();
        Schema at = schema;
        while (at != null && !rarely(4)) {
            if (at.kind() == Schema.Kind.OBJECT && !at.properties().isEmpty()) {
                String field = one(List.copyOf(at.properties().keySet()));
                path.append('/').append(field);
                at = at.properties().get(field).schema();
            } else if (at.kind() == Schema.Kind.LIST) {
                path.append('/').append(one(List.of("0", "1", "-", "-1", "x", "01")));
                at = at.element();
            } else {
                path.append('/').append(one(NAMES));
                at = null;
            }
        }
        return rarely(15) ? path + one(List.of("/", "~", "~2", "//", "\u0000")) : path.toString();
    }

    /** Always an object, unlike {@link #value}. */
    private Map<String, Object> object(@Nullable Schema schema, int depth) {
        Map<String, Object> made = new LinkedHashMap<>();
        if (schema != null && schema.kind() == Schema.Kind.OBJECT && depth > 0) {
            schema.properties().forEach((field, p) -> {
                if (p.required() && !rarely(15) || rarely(6)) {
                    made.put(field, value(p.schema(), depth - 1));
                }
            });
        }
        if (rarely(30)) {
            made.put(one(List.of("nonsense", "", "$patch", "$retainKeys", "a.b")), one(STRAYS));
        }
        return made;
    }

    private @Nullable Object value(Schema schema, int depth) {
        if (rarely(40)) {
            return rarely(4) ? null : one(STRAYS);
        }
        return switch (schema.kind()) {
            case OBJECT -> object(schema, depth);
            case MAP -> {
                Map<String, Object> map = new LinkedHashMap<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    map.put(rarely(8) ? one(BAD_NAMES) : one(NAMES), value(schema.element(), depth - 1));
                }
                yield map;
            }
            case LIST -> {
                List<Object> list = new ArrayList<>();
                for (int i = depth > 0 ? random.nextInt(3) : 0; i > 0; i--) {
                    list.add(value(schema.element(), depth - 1));
                }
                yield list;
            }
            // No address but the loopback's, where the server carries nobody to: nothing leaves the machine.
            case STRING ->
                rarely(6)
                        ? one(BAD_NAMES)
                        : one(List.of("a", "b", "x", "Always", "TCP", "127.0.0.1", "v1", "Pod", "/a"));
            case BYTES -> rarely(4) ? "!" : "YQ==";
            case INT32, INT64 ->
                one(List.<Object>of(0L, 1L, 2L, 80L, 8080L, -1L, 65536L, Long.MAX_VALUE, Integer.MIN_VALUE, 1.5));
            case DOUBLE -> random.nextDouble();
            case BOOL -> random.nextBoolean();
            case TIME, MICRO_TIME -> rarely(4) ? "yesterday" : "2026-11-26T00:00:00Z";
            case DURATION -> one(List.of("1h", "0s", "-1s", "x"));
            case QUANTITY -> one(List.<Object>of("1", "500m", "1Gi", "-1", "1e3", "x", 1L, "9".repeat(40)));
            case INT_OR_STRING -> one(List.<Object>of(80L, "http", "25%", "-5%", "", -1L));
            case RAW, ANY -> one(STRAYS);
        };
    }
}
