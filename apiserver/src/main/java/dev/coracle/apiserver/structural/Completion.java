package dev.coracle.apiserver.structural;

import dev.coracle.machinery.json.Json;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Fills in defaults. A null where none may be is as good as absent: it gives way to the default, or is taken out. In
 * a list it stays, for validation to refuse.
 */
final class Completion {
    private Completion() {}

    static void complete(Node schema, @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            fields(schema, map);
        } else if (value instanceof List<?> list && schema.items != null) {
            elements(schema.items, list);
        }
    }

    @SuppressWarnings("unchecked")
    private static void fields(Node schema, Map<?, ?> map) {
        Map<String, @Nullable Object> fields = (Map<String, @Nullable Object>) map;
        schema.properties.forEach((name, field) -> {
            if (field.fallback != null) {
                Object there = fields.get(name);
                if (there == null && !(field.nullable && fields.containsKey(name))) {
                    fields.put(name, Json.copy(field.fallback));
                }
            }
        });
        fields.entrySet().removeIf(e -> {
            Node field = schema.child(e.getKey());
            if (field == null) {
                return false;
            }
            if (e.getValue() == null && !field.nullable) {
                if (field.fallback == null) {
                    return true;
                }
                e.setValue(Json.copy(field.fallback));
            }
            complete(field, e.getValue());
            return false;
        });
        if (schema.embedded && fields.get("metadata") instanceof Map<?, ?> metadata) {
            metadata.values().removeIf(Objects::isNull);
        }
    }

    @SuppressWarnings("unchecked")
    private static void elements(Node items, List<?> list) {
        List<@Nullable Object> elements = (List<@Nullable Object>) list;
        for (int i = 0; i < elements.size(); i++) {
            if (elements.get(i) == null && !items.nullable && items.fallback != null) {
                elements.set(i, Json.copy(items.fallback));
            }
            complete(items, elements.get(i));
        }
    }
}
