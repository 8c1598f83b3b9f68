package dev.coracle.machinery.schema;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.schema.Property.ListType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What keeps an intent of server-side apply from being understood, as {@code sigs.k8s.io/structured-merge-diff} says
 * it: {@code .spec.template.spec.containers[name="web"].imagee: field not declared in schema}. Unlike other writes,
 * an apply with an unknown field fails whatever its {@code fieldValidation}: nobody could own the field.
 */
public final class AppliedFields {
    private final List<String> errors = new ArrayList<>();

    private AppliedFields() {}

    /** Every finding, in order; empty for a good intent. */
    public static List<String> check(Schema kind, Map<String, Object> intent) {
        AppliedFields fields = new AppliedFields();
        fields.object(kind, intent, "");
        return List.copyOf(fields.errors);
    }

    private void object(Schema schema, Map<?, ?> map, String path) {
        map.forEach((key, value) -> {
            String at = path + "." + key;
            Property p = schema.properties().get((String) key);
            if (p == null) {
                errors.add(at + ": field not declared in schema");
            } else {
                value(p.schema(), p, value, at);
            }
        });
    }

    private void value(Schema schema, @Nullable Property of, @Nullable Object value, String path) {
        if (value == null) {
            return;
        }
        switch (schema.kind()) {
            case OBJECT -> {
                if (value instanceof Map<?, ?> m) {
                    object(schema, m, path);
                } else {
                    errors.add(path + ": expected map, got " + got(value));
                }
            }
            case MAP -> {
                if (value instanceof Map<?, ?> m) {
                    m.forEach((k, v) -> value(schema.element(), null, v, path + "." + k));
                } else {
                    errors.add(path + ": expected map, got " + got(value));
                }
            }
            case LIST -> {
                if (value instanceof List<?> l) {
                    for (int i = 0; i < l.size(); i++) {
                        value(schema.element(), null, l.get(i), path + element(of, l.get(i), i));
                    }
                } else {
                    errors.add(path + ": expected list, got " + got(value));
                }
            }
            case INT32, INT64, DOUBLE -> {
                if (!(value instanceof Number)) {
                    errors.add(path + ": expected numeric (int or float), got " + type(value));
                }
            }
            case BOOL -> {
                if (!(value instanceof Boolean)) {
                    errors.add(path + ": expected boolean, got " + got(value));
                }
            }
            case STRING, BYTES, TIME, MICRO_TIME, DURATION -> {
                if (!(value instanceof String)) {
                    errors.add(path + ": expected string, got " + got(value));
                }
            }
            case QUANTITY, INT_OR_STRING, RAW, ANY -> {}
        }
    }

    /** {@code [name="web"]}, {@code [containerPort=80,protocol="TCP"]}, {@code [="a"]} or {@code [0]}. */
    private static String element(@Nullable Property list, @Nullable Object value, int index) {
        ListType type = list == null ? ListType.ATOMIC : list.listType().orElse(ListType.ATOMIC);
        if (type == ListType.MAP && list != null && value instanceof Map<?, ?> m) {
            return list.listKeys().stream()
                    .map(key -> key + "=" + Json.string(m.containsKey(key) ? m.get(key) : keyDefault(list, key)))
                    .collect(Collectors.joining(",", "[", "]"));
        }
        return type == ListType.SET ? "[=" + Json.string(value) + "]" : "[" + index + "]";
    }

    private static @Nullable Object keyDefault(Property list, String key) {
        Property p = list.schema().element().properties().get(key);
        return p == null ? null : p.defaultValue().map(Json::parse).orElse(null);
    }

    private static String type(Object value) {
        return switch (value) {
            case String s -> "string";
            case Boolean b -> "boolean";
            case List<?> l -> "list";
            case Map<?, ?> m -> "map";
            default -> "value";
        };
    }

    private static String got(Object value) {
        return "&value.valueUnstructured{Value:" + (value instanceof String s ? "\"" + s + "\"" : GoText.of(value))
                + "}";
    }
}
