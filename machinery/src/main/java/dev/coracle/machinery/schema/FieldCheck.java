package dev.coracle.machinery.schema;

import dev.coracle.machinery.quantity.Quantity;
import dev.coracle.machinery.schema.Schema.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds what upstream's JSON decoder would: fields that a kind does not have, and values of the wrong type, in Go's
 * words. Both name a field by its path, but not alike: {@code unknown field
 * "spec.template.spec.containers[0].imagee"} has indexes, {@code cannot unmarshal number into Go struct field
 * Container.spec.template.spec.containers.image of type string} has none and begins with the innermost type.
 *
 * <p>Like the decoder it goes on after a wrong type, and tells the first; but what a type decodes by itself (times,
 * quantities, base64) ends it at once and is told instead.
 */
public final class FieldCheck {
    /**
     * @param strictErrors {@code unknown field "spec.foo"}, {@code duplicate field "spec.replicas"}, in their order
     * @param wrongType why it cannot be decoded at all: {@code json: cannot unmarshal …}
     */
    public record Result(List<String> strictErrors, Optional<String> wrongType) {}

    // As upstream, which stops there.
    private static final int MOST_STRICT_ERRORS = 100;

    private final List<String> strictErrors = new ArrayList<>();
    private @Nullable String wrongType;
    private boolean ended;

    private FieldCheck() {}

    public static Result check(Schema kind, Map<String, Object> tree) {
        return check(kind, tree, List.of());
    }

    /** @param before what was wrong with the text that the tree was read from, see {@link FieldValidation#duplicate} */
    public static Result check(Schema kind, Map<String, Object> tree, List<String> before) {
        FieldCheck check = new FieldCheck();
        before.forEach(check::strict);
        check.object(kind, tree, "", "");
        return new Result(List.copyOf(check.strictErrors), Optional.ofNullable(check.wrongType));
    }

    private void strict(String error) {
        if (strictErrors.size() < MOST_STRICT_ERRORS) {
            strictErrors.add(error);
        }
    }

    /**
     * @param path with indexes
     * @param field without
     */
    private void object(Schema schema, Map<?, ?> map, String path, String field) {
        for (Map.Entry<?, ?> e : map.entrySet()) {
            String name = (String) e.getKey();
            Property p = schema.properties().get(name);
            if (p == null) {
                strict("unknown field \"" + join(path, name) + "\"");
            } else {
                value(p.schema(), e.getValue(), join(path, name), schema.simpleName(), join(field, name));
            }
            if (ended) {
                return;
            }
        }
    }

    private static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** @param struct the type that has the field */
    private void value(Schema schema, @Nullable Object value, String path, String struct, String field) {
        if (value == null || ended) {
            return;
        }
        switch (schema.kind()) {
            case ANY, RAW -> {}
            case OBJECT -> {
                if (value instanceof Map<?, ?> m) {
                    object(schema, m, path, field);
                } else {
                    wrong(value, struct, field, schema.goType());
                }
            }
            case MAP -> {
                if (value instanceof Map<?, ?> m) {
                    m.forEach((k, v) -> value(schema.element(), v, path + "." + k, struct, field));
                } else {
                    wrong(value, struct, field, schema.goType());
                }
            }
            case LIST -> {
                if (value instanceof List<?> l) {
                    for (int i = 0; i < l.size(); i++) {
                        value(schema.element(), l.get(i), path + "[" + i + "]", struct, field);
                    }
                } else {
                    wrong(value, struct, field, schema.goType());
                }
            }
            default -> scalar(schema, value, struct, field);
        }
    }

    private void scalar(Schema schema, Object value, String struct, String field) {
        switch (schema.kind()) {
            case STRING -> require(value instanceof String, value, struct, field, schema.goType());
            case BOOL -> require(value instanceof Boolean, value, struct, field, schema.goType());
            case DOUBLE -> require(value instanceof Number, value, struct, field, schema.goType());
            case INT32, INT64 -> require(integer(schema.kind(), value), value, struct, field, schema.goType());
            case BYTES -> {
                require(value instanceof String, value, struct, field, schema.goType());
                if (value instanceof String s) {
                    GoText.base64Error(s).ifPresent(this::end);
                }
            }
            case TIME, MICRO_TIME -> {
                if (value instanceof String s) {
                    GoText.timeError(s).ifPresent(this::end);
                } else {
                    end(unmarshal(value, struct, field, "string"));
                }
            }
            case DURATION -> {
                if (!(value instanceof String)) {
                    end(unmarshal(value, struct, field, "string"));
                }
            }
            case QUANTITY -> quantity(value);
            case INT_OR_STRING -> {
                if (!(value instanceof String) && !integer(Kind.INT32, value)) {
                    end(unmarshal(value, struct, field, "int32"));
                }
            }
            default -> throw new IllegalStateException(schema.kind() + " is no scalar");
        }
    }

    private void quantity(Object value) {
        try {
            Quantity.parse(value instanceof String || value instanceof Number ? value.toString() : "");
        } catch (IllegalArgumentException e) {
            end(String.valueOf(e.getMessage()));
        }
    }

    private static boolean integer(Kind kind, Object value) {
        return value instanceof Long n && (kind == Kind.INT64 || n == n.intValue()) || value instanceof Integer;
    }

    private void require(boolean right, Object value, String struct, String field, String goType) {
        if (!right) {
            wrong(value, struct, field, goType);
        }
    }

    private void wrong(Object value, String struct, String field, String goType) {
        if (wrongType == null) {
            wrongType = unmarshal(value, struct, field, goType);
        }
    }

    private void end(String why) {
        wrongType = why;
        ended = true;
    }

    private static String unmarshal(Object value, String struct, String field, String goType) {
        String what = switch (value) {
            case String s -> "string";
            case Boolean b -> "bool";
            case List<?> l -> "array";
            case Map<?, ?> m -> "object";
            // Go names the number only where numbers of another kind would do.
            case Number n -> goType.startsWith("int") && !goType.contains(".") ? "number " + n : "number";
            default -> "value";
        };
        return "json: cannot unmarshal " + what + " into Go struct field " + struct + "." + field + " of type "
                + goType;
    }
}
