package dev.coracle.machinery.schema;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A list or map without entries means the same as none, and is not stored: some clients write one for every field that
 * they do not use, and their object would differ from what they read. An empty object is something else: {@code emptyDir: {}}.
 */
public final class EmptyFields {
    private EmptyFields() {}

    /** Removes them from the tree, but for those that the kind requires. */
    public static void drop(Schema schema, @Nullable Object value) {
        switch (schema.kind()) {
            case OBJECT -> {
                if (value instanceof Map<?, ?> m) {
                    m.entrySet().removeIf(e -> {
                        Property p = schema.properties().get((String) e.getKey());
                        return p != null && !p.required() && empty(p.schema(), e.getValue());
                    });
                    m.forEach((k, v) -> {
                        Property p = schema.properties().get((String) k);
                        if (p != null) {
                            drop(p.schema(), v);
                        }
                    });
                }
            }
            case MAP -> {
                if (value instanceof Map<?, ?> m) {
                    m.values().forEach(v -> drop(schema.element(), v));
                }
            }
            case LIST -> {
                if (value instanceof List<?> l) {
                    l.forEach(v -> drop(schema.element(), v));
                }
            }
            default -> {}
        }
    }

    private static boolean empty(Schema schema, @Nullable Object value) {
        return schema.kind() == Schema.Kind.LIST && value instanceof List<?> l && l.isEmpty()
                || schema.kind() == Schema.Kind.MAP && value instanceof Map<?, ?> m && m.isEmpty();
    }
}
