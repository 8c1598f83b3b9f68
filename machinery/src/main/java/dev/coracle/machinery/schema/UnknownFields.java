package dev.coracle.machinery.schema;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fields that a kind does not have are not stored, unless they lie where anything may lie. */
public final class UnknownFields {
    private UnknownFields() {}

    /** Removes them from the tree. */
    public static void drop(Schema kind, Map<String, Object> tree) {
        drop(kind, tree, false);
    }

    /** Removes them from a merge patch; directives as {@code $patch} stay. */
    public static void dropFromPatch(Schema kind, Map<String, Object> patch) {
        drop(kind, patch, true);
    }

    private static void drop(Schema schema, @Nullable Object value, boolean patch) {
        switch (schema.kind()) {
            case OBJECT -> {
                if (value instanceof Map<?, ?> m) {
                    m.keySet()
                            .removeIf(k -> !schema.properties().containsKey((String) k)
                                    && !(patch && ((String) k).startsWith("$")));
                    m.forEach((k, v) -> {
                        Property p = schema.properties().get((String) k);
                        if (p != null) {
                            drop(p.schema(), v, patch);
                        }
                    });
                }
            }
            case MAP -> {
                if (value instanceof Map<?, ?> m) {
                    m.values().forEach(v -> drop(schema.element(), v, patch));
                }
            }
            case LIST -> {
                if (value instanceof List<?> l) {
                    l.forEach(v -> drop(schema.element(), v, patch));
                }
            }
            default -> {}
        }
    }
}
