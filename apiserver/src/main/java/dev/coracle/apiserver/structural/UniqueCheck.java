package dev.coracle.apiserver.structural;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.json.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
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
        if (!schema.uniqueWithin || findings.causes().size() >= Outcome.MOST) {
            return;
        }
        if (value instanceof Map<?, ?> map) {
            map.forEach((k, v) -> {
                String name = (String) k;
                Node field = schema.child(name);
                if (field == null) {
                    return;
                }
                at.child(schema, name);
                value(field, v);
                at.up();
            });
        } else if (value instanceof List<?> list) {
            switch (schema.listType) {
                case SET -> set(list);
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

    /**
     * What tells the element apart, absent keys too. Where it is not one scalar it is text, since texts are found
     * quickly even among those that were made to have the same hash.
     */
    static @Nullable Object key(Node schema, @Nullable Object element) {
        Map<String, @Nullable Object> told = told(schema, element);
        return schema.listKeys.size() > 1
                ? whole(told)
                : told.isEmpty() ? ABSENT : scalar(told.values().iterator().next());
    }

    private static Map<String, @Nullable Object> told(Node schema, @Nullable Object element) {
        Map<String, @Nullable Object> told = new LinkedHashMap<>();
        for (String k : schema.listKeys) {
            if (element instanceof Map<?, ?> m && m.containsKey(k)) {
                told.put(k, m.get(k));
            }
        }
        return told;
    }

    private static @Nullable Object scalar(@Nullable Object value) {
        return value instanceof Map || value instanceof List ? whole(value) : value;
    }

    /** Equal for equal values; no text that a user can write begins so. */
    private static String whole(@Nullable Object value) {
        return "\u0000" + Json.string(sorted(value));
    }

    private static @Nullable Object sorted(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> sorted = new TreeMap<>();
            map.forEach((k, v) -> sorted.put((String) k, sorted(v)));
            return sorted;
        }
        return value instanceof List<?> list
                ? list.stream().map(UniqueCheck::sorted).collect(Collectors.toCollection(ArrayList::new))
                : value;
    }

    private void set(List<?> list) {
        if (list.size() < 2) {
            return;
        }
        Map<@Nullable Object, Integer> seen = new HashMap<>();
        for (int i = 0; i < list.size(); i++) {
            if (seen.merge(scalar(list.get(i)), 1, Integer::sum) == 2
                    && findings.causes().size() < Outcome.MOST) {
                findings.duplicate(at.bracketed() + "[" + i + "]", list.get(i));
            }
        }
    }

    private void map(Node schema, List<?> list) {
        for (int i = 0; i < list.size(); i++) {
            Object element = list.get(i);
            if (element != null && !(element instanceof Map)) {
                findings.invalid(
                        at.bracketed() + "[" + i + "]", element, "must be an object for an array of list-type map");
                return;
            }
        }
        if (list.size() < 2) {
            return;
        }
        Map<@Nullable Object, Integer> seen = new HashMap<>();
        for (int i = 0; i < list.size(); i++) {
            if (seen.merge(key(schema, list.get(i)), 1, Integer::sum) == 2
                    && findings.causes().size() < Outcome.MOST) {
                findings.duplicate(at.bracketed() + "[" + i + "]", told(schema, list.get(i)));
            }
        }
    }
}
