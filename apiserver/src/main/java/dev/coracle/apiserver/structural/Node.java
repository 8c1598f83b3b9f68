package dev.coracle.apiserver.structural;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.coracle.machinery.cel.Formats;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One place of a schema, read so that nothing has to be looked up by name while objects are held against it. What
 * cannot be read is left out: {@link SchemaRules} has refused it before.
 */
final class Node {
    /** How the elements of a list are told apart. */
    enum ListType {
        ATOMIC,
        SET,
        MAP
    }

    /** {@code object}, {@code integer}…; empty where any is right. */
    final String type;

    final boolean intOrString;
    final boolean nullable;
    /** Fields that are not named here stay. */
    final boolean preserves;
    /** Has apiVersion, kind and metadata, whatever the properties say. */
    final boolean embedded;

    final Map<String, Node> properties;
    /** How expressions say the names of properties, where they can. */
    private final Map<String, String> said;
    /** Whether there is an {@code additionalProperties} at all, be it {@code false}. */
    final boolean open;
    /** {@code additionalProperties: false}. */
    final boolean closed;

    final @Nullable Node additional;
    final @Nullable Node items;
    final @Nullable Object fallback;

    final ListType listType;
    /** A list that says nothing of its type: it is written as an atomic one, but its elements keep their places. */
    final boolean byPlace;

    final List<String> listKeys;
    final boolean atomicMap;

    final Limits limits;
    final List<Node> allOf;
    final List<Node> anyOf;
    final List<Node> oneOf;
    final @Nullable Node not;
    /** {@code x-kubernetes-validations}, as they were written. */
    final List<Map<String, Object>> rules;

    /** Whether somewhere below, or here, lies what the walk in question looks for. */
    final boolean embeddedWithin;

    final boolean uniqueWithin;
    final boolean rulesWithin;

    /**
     * What values are held against.
     *
     * @param format as written; empty where it is none that is checked
     * @param patternError why {@code pattern} could not be read
     */
    record Limits(
            String format,
            @Nullable Double maximum,
            boolean exclusiveMaximum,
            @Nullable Double minimum,
            boolean exclusiveMinimum,
            @Nullable Double multipleOf,
            @Nullable Long maxLength,
            @Nullable Long minLength,
            String patternText,
            @Nullable Pattern pattern,
            String patternError,
            @Nullable Long maxItems,
            @Nullable Long minItems,
            @Nullable Long maxProperties,
            @Nullable Long minProperties,
            List<String> required,
            List<?> values) {}

    private Node(Map<?, ?> told) {
        type = text(told, "type");
        intOrString = is(told, "x-kubernetes-int-or-string");
        nullable = is(told, "nullable");
        preserves = is(told, "x-kubernetes-preserve-unknown-fields");
        embedded = is(told, "x-kubernetes-embedded-resource");
        properties = properties(told.get("properties"));
        said = new HashMap<>();
        properties.keySet().forEach(name -> Escapes.escape(name).ifPresent(s -> said.put(name, s)));
        Object more = told.get("additionalProperties");
        open = more != null;
        closed = Boolean.FALSE.equals(more);
        additional = nested(more);
        items = nested(told.get("items"));
        fallback = told.get("default");
        listType = switch (text(told, "x-kubernetes-list-type")) {
            case "set" -> ListType.SET;
            case "map" -> ListType.MAP;
            default -> ListType.ATOMIC;
        };
        byPlace = text(told, "x-kubernetes-list-type").isEmpty();
        listKeys = texts(told.get("x-kubernetes-list-map-keys"));
        atomicMap = text(told, "x-kubernetes-map-type").equals("atomic");
        limits = limits(told, type);
        allOf = all(told.get("allOf"));
        anyOf = all(told.get("anyOf"));
        oneOf = all(told.get("oneOf"));
        not = nested(told.get("not"));
        rules = maps(told.get("x-kubernetes-validations"));
        List<Node> within = new ArrayList<>(properties.values());
        if (additional != null) {
            within.add(additional);
        }
        if (items != null) {
            within.add(items);
        }
        embeddedWithin = embedded || within.stream().anyMatch(n -> n.embeddedWithin);
        uniqueWithin = listType != ListType.ATOMIC || within.stream().anyMatch(n -> n.uniqueWithin);
        rulesWithin = !rules.isEmpty() || within.stream().anyMatch(n -> n.rulesWithin);
    }

    static Node of(Map<?, ?> jsonSchemaProps) {
        return new Node(jsonSchemaProps);
    }

    /** What the field's value is held against; null where nothing is known of it. */
    @Nullable
    Node child(String field) {
        Node named = properties.get(field);
        return named != null ? named : additional;
    }

    /** How an expression says the property; null where none can. */
    @Nullable
    String saying(String property) {
        return said.get(property);
    }

    /** The property that an expression says so. */
    @Nullable
    Node said(String saying) {
        for (Map.Entry<String, String> e : said.entrySet()) {
            if (e.getValue().equals(saying)) {
                return properties.get(e.getKey());
            }
        }
        return null;
    }

    private static @Nullable Node nested(@Nullable Object told) {
        return told instanceof Map<?, ?> m ? new Node(m) : null;
    }

    private static Map<String, Node> properties(@Nullable Object told) {
        if (!(told instanceof Map<?, ?> m) || m.isEmpty()) {
            return Map.of();
        }
        Map<String, Node> read = new LinkedHashMap<>();
        m.forEach((k, v) -> read.put((String) k, new Node(v instanceof Map<?, ?> n ? n : Map.of())));
        return read;
    }

    private static List<Node> all(@Nullable Object told) {
        return maps(told).stream().map(Node::new).toList();
    }

    private static Limits limits(Map<?, ?> told, String type) {
        String pattern = text(told, "pattern");
        Pattern compiled = null;
        String wrong = "";
        if (!pattern.isEmpty()) {
            try {
                compiled = Pattern.compile(pattern);
            } catch (PatternSyntaxException e) {
                wrong = "error parsing regexp: " + e.getDescription() + ": `" + e.getPattern() + "`";
            }
        }
        String format = text(told, "format");
        return new Limits(
                Formats.checked(format, type) ? format : "",
                number(told, "maximum"),
                is(told, "exclusiveMaximum"),
                number(told, "minimum"),
                is(told, "exclusiveMinimum"),
                number(told, "multipleOf"),
                count(told, "maxLength"),
                count(told, "minLength"),
                pattern,
                compiled,
                wrong,
                count(told, "maxItems"),
                count(told, "minItems"),
                count(told, "maxProperties"),
                count(told, "minProperties"),
                texts(told.get("required")),
                told.get("enum") instanceof List<?> l ? l : List.of());
    }

    // ---- reading what may be anything

    static String text(Map<?, ?> told, String key) {
        return told.get(key) instanceof String s ? s : "";
    }

    static boolean is(Map<?, ?> told, String key) {
        return Boolean.TRUE.equals(told.get(key));
    }

    static List<String> texts(@Nullable Object told) {
        List<String> texts = new ArrayList<>();
        if (told instanceof List<?> l) {
            for (Object o : l) {
                if (o instanceof String s) {
                    texts.add(s);
                }
            }
        }
        return List.copyOf(texts);
    }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> maps(@Nullable Object told) {
        List<Map<String, Object>> maps = new ArrayList<>();
        if (told instanceof List<?> l) {
            for (Object o : l) {
                maps.add(o instanceof Map<?, ?> m ? (Map<String, Object>) m : Map.of());
            }
        }
        return List.copyOf(maps);
    }

    private static @Nullable Double number(Map<?, ?> told, String key) {
        return told.get(key) instanceof Number n ? n.doubleValue() : null;
    }

    private static @Nullable Long count(Map<?, ?> told, String key) {
        return Optional.ofNullable(told.get(key))
                .filter(Number.class::isInstance)
                .map(n -> ((Number) n).longValue())
                .orElse(null);
    }
}
