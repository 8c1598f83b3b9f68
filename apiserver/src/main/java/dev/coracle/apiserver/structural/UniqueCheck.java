package dev.coracle.apiserver.structural;

import dev.coracle.apiserver.definition.Findings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** In a list of type set no element, in one of type map no key occurs twice. */
final class UniqueCheck {
    /** Stands for a key that an element does not have. */
    private static final Object ABSENT = new Object();

    private final Findings findings;
    private final Steps at = new Steps();

    private UniqueCheck(Findings findings) {
        this.findings = findings;
    }

    static void check(Findings findings, Node schema, Object value) {
        if (schema.uniqueWithin) {
            new UniqueCheck(findings).value(schema, value);
        }
    }

    private void value(Node schema, @Nullable Object value) {
        if (!schema.uniqueWithin) {
            return;
        }
        if (value instanceof Map<?, ?> map) {
            map.forEach((k, v) -> {
                String name = (String) k;
                Node field = schema.child(name);
                if (field == null) {
                    return;
                }
                if (schema.properties.containsKey(name)) {
                    at.field(name);
                } else {
                    at.key(name);
                }
                value(field, v);
                at.up();
            });
        } else if (value instanceof List<?> list) {
            switch (schema.listType) {
                case SET -> unique(list, list);
                case MAP -> map(schema, list);
                case ATOMIC -> {}
            }
            if (schema.items != null) {
                for (int i = 0; i < list.size(); i++) {
                    at.index(i);
                    value(schema.items, list.get(i));
                    at.up();
                }
            }
        }
    }

    /** What tells the element apart: one value for each key of the list, {@link #ABSENT} ones too. */
    static List<@Nullable Object> key(Node schema, @Nullable Object element) {
        List<@Nullable Object> key = new ArrayList<>(schema.listKeys.size());
        for (String k : schema.listKeys) {
            key.add(element instanceof Map<?, ?> m && m.containsKey(k) ? m.get(k) : ABSENT);
        }
        return key;
    }

    private void map(Node schema, List<?> list) {
        List<List<@Nullable Object>> keys = new ArrayList<>(list.size());
        List<Object> told = new ArrayList<>(list.size());
        for (int i = 0; i < list.size(); i++) {
            Object element = list.get(i);
            if (element != null && !(element instanceof Map)) {
                findings.invalid(
                        at.bracketed() + "[" + i + "]", element, "must be an object for an array of list-type map");
                return;
            }
            keys.add(key(schema, element));
            told.add(told(schema, keys.get(i)));
        }
        unique(keys, told);
    }

    private static Map<String, @Nullable Object> told(Node schema, List<@Nullable Object> key) {
        Map<String, @Nullable Object> told = new LinkedHashMap<>();
        for (int i = 0; i < key.size(); i++) {
            if (key.get(i) != ABSENT) {
                told.put(schema.listKeys.get(i), key.get(i));
            }
        }
        return told;
    }

    /** Tells each once, however often it occurs. */
    private void unique(List<?> list, List<?> told) {
        if (list.size() < 2) {
            return;
        }
        Map<@Nullable Object, Integer> seen = new HashMap<>();
        for (int i = 0; i < list.size(); i++) {
            if (seen.merge(list.get(i), 1, Integer::sum) == 2) {
                findings.duplicate(at.bracketed() + "[" + i + "]", told.get(i));
            }
        }
    }
}
