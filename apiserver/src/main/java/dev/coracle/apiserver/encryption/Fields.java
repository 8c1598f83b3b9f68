package dev.coracle.apiserver.encryption;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One object of a configuration, and what in it nobody asked for. Values never come into a message: they may be secret.
 */
final class Fields {
    private final String path;
    private final Map<?, ?> map;
    private final Map<String, Fields> parts = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();

    private Fields(String path, Map<?, ?> map) {
        this.path = path;
        this.map = map;
    }

    /** @throws IllegalArgumentException when it is no object */
    static Fields of(@Nullable Object tree) {
        return of("", tree);
    }

    private static Fields of(String path, @Nullable Object tree) {
        if (tree != null && !(tree instanceof Map)) {
            throw new IllegalArgumentException((path.isEmpty() ? "the document" : path) + ": must be an object");
        }
        return new Fields(path, tree instanceof Map<?, ?> m ? m : Map.of());
    }

    private String path(String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    String path() {
        return path;
    }

    /** Whether it is there: an object without fields is, {@code null} is not. */
    boolean has(String field) {
        known.add(field);
        return map.get(field) != null;
    }

    String text(String field) {
        known.add(field);
        Object value = map.get(field);
        if (value != null && !(value instanceof String)) {
            throw new IllegalArgumentException(path(field) + ": must be a string");
        }
        return value instanceof String s ? s : "";
    }

    Fields object(String field) {
        known.add(field);
        return parts.computeIfAbsent(field, f -> of(path(f), map.get(f)));
    }

    private List<?> list(String field) {
        known.add(field);
        Object value = map.get(field);
        if (value != null && !(value instanceof List)) {
            throw new IllegalArgumentException(path(field) + ": must be a list");
        }
        return value instanceof List<?> l ? l : List.of();
    }

    List<Fields> objects(String field) {
        List<Fields> all = new ArrayList<>();
        for (Object o : list(field)) {
            String name = field + "[" + all.size() + "]";
            all.add(parts.computeIfAbsent(name, n -> of(path(n), o)));
        }
        return all;
    }

    List<String> texts(String field) {
        List<String> all = new ArrayList<>();
        for (Object o : list(field)) {
            if (!(o instanceof String s)) {
                throw new IllegalArgumentException(path(field) + "[" + all.size() + "]: must be a string");
            }
            all.add(s);
        }
        return all;
    }

    /** Fields that may be there and decide nothing here. */
    void ignore(String... fields) {
        known.addAll(List.of(fields));
    }

    /** @throws IllegalArgumentException that names every field, here and below, that nobody asked for */
    void strict() {
        List<String> unknown = new ArrayList<>();
        collect(unknown);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("strict decoding error: " + String.join(", ", unknown));
        }
    }

    private void collect(List<String> unknown) {
        for (Object key : map.keySet()) {
            if (!known.contains(String.valueOf(key))) {
                unknown.add("unknown field \"" + path(String.valueOf(key)) + "\"");
            }
        }
        parts.values().forEach(p -> p.collect(unknown));
    }
}
