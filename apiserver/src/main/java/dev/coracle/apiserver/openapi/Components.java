package dev.coracle.apiserver.openapi;

import static dev.coracle.apiserver.openapi.Dialect.META;

import dev.coracle.apiserver.definition.CustomSchema;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.schema.Property;
import dev.coracle.machinery.schema.Schema;
import dev.coracle.machinery.schema.Schemas;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The definitions of one document: those asked for, and those they refer to. */
final class Components {
    private static final String QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    private static final String INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
    private static final String RAW_EXTENSION = "io.k8s.apimachinery.pkg.runtime.RawExtension";
    private static final String JSON = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON";

    private static final Set<String> UNSAYABLE = Set.of("oneOf", "anyOf", "allOf", "not", "nullable");

    private final Dialect dialect;
    private final Schemas schemas;
    private final Map<String, Map<String, Object>> definitions = new TreeMap<>();
    private final Map<GroupVersionKind, String> custom = new LinkedHashMap<>();
    private final Deque<Schema> left = new ArrayDeque<>();

    Components(Dialect dialect, Schemas schemas) {
        this.dialect = dialect;
        this.schemas = schemas;
    }

    /** A kind that users brought, and its list, by its own schema: {@code com.example.v1.CronTab}. */
    void custom(GroupVersionKind kind, CustomSchema schema) {
        List<String> labels = new ArrayList<>(List.of(kind.group().split("\\.")));
        String name = String.join(".", labels.reversed()) + "." + kind.version() + "." + kind.kind();
        Map<String, Object> tree = asObject(embedding(new LinkedHashMap<>(schema.openApi())));
        boolean open = Boolean.TRUE.equals(tree.get("x-kubernetes-preserve-unknown-fields"));
        if (dialect == Dialect.V2) {
            tree = asObject(plain(tree));
        }
        if (open && dialect == Dialect.V2) {
            // Clients of version 2 take what is named for all there is.
            tree = new LinkedHashMap<>(Map.of("type", "object"));
        } else {
            Map<String, Object> properties = typed("Pod", "ObjectMeta");
            if (tree.get("properties") instanceof Map<?, ?> told) {
                told.forEach((k, v) -> properties.putIfAbsent((String) k, v));
            }
            tree.put("properties", properties);
        }
        tree.put("x-kubernetes-group-version-kind", List.of(tree(kind)));
        definitions.put(name, tree);
        custom.put(kind, name);
        var many = new GroupVersionKind(kind.group(), kind.version(), kind.kind() + "List");
        Map<String, Object> list = typed("PodList", "ListMeta");
        Map<String, Object> items = Dialect.ordered("type", "array", "items", dialect.reference(name));
        list.put("items", items);
        Map<String, Object> all = Dialect.ordered("type", "object", "properties", list);
        all.put("required", List.of("items"));
        all.put("x-kubernetes-group-version-kind", List.of(tree(many)));
        definitions.put(name + "List", all);
        custom.put(many, name + "List");
    }

    /** With what every object has where one lies within another; there version 2 has no words for what else it may have. */
    private Object embedding(Object schema) {
        if (!(schema instanceof Map<?, ?> map)) {
            return schema;
        }
        Map<String, Object> whole = new LinkedHashMap<>();
        map.forEach((k, v) -> {
            if (k.equals("properties") && v instanceof Map<?, ?> named) {
                Map<String, Object> properties = new LinkedHashMap<>();
                named.forEach((name, property) -> properties.put((String) name, embedding(property)));
                whole.put("properties", properties);
            } else {
                boolean below = k.equals("items") || k.equals("additionalProperties");
                whole.put((String) k, below ? embedding(v) : v);
            }
        });
        boolean open = Boolean.TRUE.equals(map.get("x-kubernetes-preserve-unknown-fields"));
        if (Boolean.TRUE.equals(map.get("x-kubernetes-embedded-resource")) && !(open && dialect == Dialect.V2)) {
            Map<String, Object> properties = typed("Pod", "ObjectMeta");
            if (whole.get("properties") instanceof Map<?, ?> told) {
                told.forEach((k, v) -> properties.putIfAbsent((String) k, v));
            }
            whole.put("properties", properties);
        }
        return whole;
    }

    /** By these clients choose how to patch; what has no types of upstream's knows no strategic merge. */
    List<String> patchTypes(GroupVersionKind kind) {
        return custom.containsKey(kind)
                ? Dialect.PATCH_TYPES.stream()
                        .filter(t -> !t.contains("strategic"))
                        .toList()
                : Dialect.PATCH_TYPES;
    }

    /** Without what version 2 has no words for: a client that reads it must not refuse what the server takes. */
    private static Object plain(Object schema) {
        if (schema instanceof List<?> list) {
            return list.stream().map(Components::plain).toList();
        }
        if (!(schema instanceof Map<?, ?> map)) {
            return schema;
        }
        Map<String, Object> plain = new LinkedHashMap<>();
        map.forEach((k, v) -> {
            if (k.equals("properties") && v instanceof Map<?, ?> named) {
                Map<String, Object> properties = new LinkedHashMap<>();
                named.forEach((name, property) -> properties.put((String) name, plain(property)));
                plain.put("properties", properties);
            } else if (!UNSAYABLE.contains(k)) {
                plain.put((String) k, plain(v));
            }
        });
        boolean open =
                List.of("nullable", "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields").stream()
                        .anyMatch(k -> Boolean.TRUE.equals(map.get(k)));
        if (open) {
            List.of("type", "items", "properties", "format").forEach(plain::remove);
        }
        return plain;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> asObject(Object tree) {
        return (Map<String, Object>) tree;
    }

    /** What every kind has. @param model a kind in whose words it is explained */
    private Map<String, Object> typed(String model, String metadata) {
        Map<String, Property> words = schemas.of(new GroupVersionKind("", "v1", model))
                .map(Schema::properties)
                .orElse(Map.of());
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("apiVersion", new LinkedHashMap<>(Map.of("type", "string")));
        properties.put("kind", new LinkedHashMap<>(Map.of("type", "string")));
        properties.put("metadata", dialect.extensible(meta(metadata)));
        properties.forEach((name, property) -> {
            Property explained = words.get(name);
            if (explained != null) {
                asObject(property).put("description", explained.description());
            }
        });
        return properties;
    }

    /** The name of a kind's definition; a kind that no schema describes gets one that allows everything. */
    String kind(GroupVersionKind kind) {
        String brought = custom.get(kind);
        return brought != null
                ? brought
                : schemas.of(kind).map(this::defined).orElseGet(() -> {
                    String name = "dev.coracle." + kind.apiVersion().replace('/', '.') + "." + kind.kind();
                    Map<String, Object> open = new LinkedHashMap<>();
                    open.put("type", "object");
                    open.put("x-kubernetes-group-version-kind", List.of(tree(kind)));
                    open.put("x-kubernetes-preserve-unknown-fields", true);
                    definitions.putIfAbsent(name, open);
                    return name;
                });
    }

    /** The name of a definition of {@code meta/v1}, e.g. of {@code Status}. */
    String meta(String simpleName) {
        return defined(schemas.named(META + simpleName).orElseThrow());
    }

    /** The definition of the body of a patch. */
    String patch() {
        return wellKnown(
                META + "Patch",
                Dialect.ordered(
                        "description",
                        "Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.",
                        "type",
                        "object"));
    }

    static Map<String, Object> tree(GroupVersionKind kind) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("group", kind.group());
        tree.put("kind", kind.kind());
        tree.put("version", kind.version());
        return tree;
    }

    /** Everything that was named, and what it refers to. */
    Map<String, Map<String, Object>> all() {
        while (!left.isEmpty()) {
            Schema s = left.pop();
            definitions.put(s.name(), definition(s));
        }
        return definitions;
    }

    private String defined(Schema schema) {
        if (definitions.putIfAbsent(schema.name(), Map.of()) == null) {
            left.push(schema);
        }
        return schema.name();
    }

    private String wellKnown(String name, Map<String, Object> definition) {
        definitions.putIfAbsent(name, definition);
        return name;
    }

    private Map<String, Object> definition(Schema schema) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        schema.properties().forEach((name, p) -> {
            properties.put(name, property(p));
            if (p.required()) {
                required.add(name);
            }
        });
        Map<String, Object> tree = new LinkedHashMap<>();
        if (!schema.description().isEmpty()) {
            tree.put("description", schema.description());
        }
        if (!properties.isEmpty()) {
            tree.put("properties", properties);
        }
        if (!required.isEmpty()) {
            tree.put("required", required);
        }
        tree.put("type", "object");
        schema.groupVersionKind().ifPresent(k -> tree.put("x-kubernetes-group-version-kind", List.of(tree(k))));
        if (schema.atomic()) {
            tree.put("x-kubernetes-map-type", "atomic");
        }
        return tree;
    }

    private Map<String, Object> property(Property p) {
        Map<String, Object> tree = schema(p.schema(), true);
        if (!p.description().isEmpty() || !p.values().isEmpty()) {
            tree.put("description", description(p));
        }
        p.defaultValue().ifPresent(json -> tree.put("default", Json.parse(json)));
        if (!p.values().isEmpty()) {
            Map<String, Object> of =
                    p.schema().kind() == Schema.Kind.LIST ? schema(p.schema().element(), false) : tree;
            of.put("enum", p.values());
            if (of != tree) {
                tree.put("items", of);
            }
        }
        p.listType().ifPresent(t -> {
            tree.put("x-kubernetes-list-type", t.name().toLowerCase(Locale.ROOT));
            if (!p.listKeys().isEmpty()) {
                tree.put("x-kubernetes-list-map-keys", p.listKeys());
            }
        });
        if (p.atomic()) {
            tree.put("x-kubernetes-map-type", "atomic");
        }
        p.patchMergeKey().ifPresent(key -> tree.put("x-kubernetes-patch-merge-key", key));
        if (!p.patchStrategy().isEmpty()) {
            tree.put("x-kubernetes-patch-strategy", String.join(",", p.patchStrategy()));
        }
        return tree;
    }

    private static String description(Property p) {
        if (p.values().isEmpty()) {
            return p.description();
        }
        StringBuilder text = new StringBuilder(p.description()).append("\n\nPossible enum values:");
        p.values().forEach(v -> text.append("\n - `\"").append(v).append("\"`"));
        return text.toString();
    }

    /** @param extensible whether more will be said beside it */
    private Map<String, Object> schema(Schema schema, boolean extensible) {
        Map<String, Object> tree = new LinkedHashMap<>();
        switch (schema.kind()) {
            case OBJECT -> {
                return named(defined(schema), extensible);
            }
            case LIST -> {
                Map<String, Object> items = schema(schema.element(), true);
                if (schema.element().kind() == Schema.Kind.OBJECT) {
                    items.put("default", Map.of());
                }
                tree.put("items", items);
            }
            case MAP -> tree.put("additionalProperties", schema(schema.element(), false));
            case TIME, MICRO_TIME, DURATION, QUANTITY, INT_OR_STRING, RAW, ANY -> {
                return named(wellKnown(schema.kind()), extensible);
            }
            default -> {}
        }
        tree.put("type", schema.kind().type());
        if (!schema.kind().format().isEmpty()) {
            tree.put("format", schema.kind().format());
        }
        return tree;
    }

    private Map<String, Object> named(String definition, boolean extensible) {
        return extensible ? dialect.extensible(definition) : dialect.reference(definition);
    }

    private String wellKnown(Schema.Kind kind) {
        return switch (kind) {
            case TIME -> wellKnown(META + "Time", text("A moment, by RFC 3339, to the second.", "date-time"));
            case MICRO_TIME ->
                wellKnown(META + "MicroTime", text("A moment, by RFC 3339, to the microsecond.", "date-time"));
            case DURATION -> wellKnown(META + "Duration", text("A length of time: 1h30m, 500ms.", ""));
            case QUANTITY -> {
                Map<String, Object> d = dialect.stringOr("number");
                d.put(
                        "description",
                        "A fixed-point number, with a suffix of powers of ten (n, u, m, k, M, G, T, P, E) or of 1024"
                                + " (Ki, Mi, Gi, Ti, Pi, Ei), or with an exponent (e3): 500m, 1.5Gi, 12e6.");
                yield wellKnown(QUANTITY, d);
            }
            case INT_OR_STRING -> {
                Map<String, Object> d = dialect.stringOr("integer");
                d.put("description", "A number of 32 bits, or a string such as a name or a percentage.");
                d.put("format", "int-or-string");
                yield wellKnown(INT_OR_STRING, d);
            }
            case RAW ->
                wellKnown(
                        RAW_EXTENSION,
                        Dialect.ordered(
                                "description", "An object whose kind is not known beforehand.", "type", "object"));
            default -> wellKnown(JSON, Map.of("description", "Any valid JSON value."));
        };
    }

    private static Map<String, Object> text(String description, String format) {
        Map<String, Object> d = new LinkedHashMap<>();
        d.put("description", description);
        if (!format.isEmpty()) {
            d.put("format", format);
        }
        d.put("type", "string");
        return d;
    }
}
