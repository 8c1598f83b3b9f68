package dev.coracle.apiserver.admission.cel;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.NullValue;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An {@code Object} or {@code JSONPatch} that an expression made. */
public final class Made extends AbstractMap<String, Object> {
    private final String type;
    private final Map<String, Object> fields;

    Made(String type, Map<String, Object> fields) {
        this.type = type;
        this.fields = fields;
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        return fields.entrySet();
    }

    @Override
    public @Nullable Object get(Object key) {
        return fields.get(key);
    }

    @Override
    public boolean containsKey(Object key) {
        return fields.containsKey(key);
    }

    /**
     * What was made as a tree, with {@code null} in it where the expression says so.
     *
     * @throws IllegalArgumentException with what no object can have in it
     */
    public static @Nullable Object tree(Object value) {
        return switch (value) {
            case NullValue none -> null;
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> tree = new LinkedHashMap<>();
                map.forEach((k, v) -> {
                    if (!(k instanceof String key)) {
                        throw new IllegalArgumentException("map key \"" + k + "\" is of type "
                                + k.getClass().getSimpleName() + ", not string");
                    }
                    tree.put(key, tree(v));
                });
                yield tree;
            }
            case List<?> list -> {
                List<@Nullable Object> tree = new ArrayList<>();
                list.forEach(v -> tree.add(tree(v)));
                yield tree;
            }
            case Optional<?> maybe -> maybe.map(Made::tree).orElse(null);
            case String s -> s;
            case Boolean b -> b;
            case Long n -> n;
            case Double d -> d;
            case UnsignedLong n -> n.longValue();
            default ->
                throw new IllegalArgumentException(
                        "a value of type " + value.getClass().getSimpleName() + " cannot be part of an object");
        };
    }

    /**
     * An {@code Object} in the field {@code spec} of an {@code Object} must be an {@code Object.spec}.
     *
     * @throws IllegalArgumentException where one is another
     */
    public static void check(Object value) {
        List<String> wrong = new ArrayList<>();
        check(value, value instanceof Made made ? made.type : "Object", wrong);
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException("type mismatch: " + String.join("\n", wrong));
        }
    }

    private static void check(Object value, String expected, List<String> wrong) {
        switch (value) {
            case Made made -> {
                if (!made.type.equals(expected)) {
                    wrong.add("unexpected type name \"" + made.type + "\", expected \"" + expected
                            + "\", which matches field name path from root Object type");
                }
                made.fields.forEach((name, v) -> check(v, expected + "." + name, wrong));
            }
            case Map<?, ?> map -> map.values().forEach(v -> check(v, expected, wrong));
            case List<?> list -> list.forEach(v -> check(v, expected, wrong));
            default -> {}
        }
    }
}
