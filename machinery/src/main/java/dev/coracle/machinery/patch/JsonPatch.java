package dev.coracle.machinery.patch;

import dev.coracle.machinery.json.Json;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** RFC 6902. */
public final class JsonPatch {
    private JsonPatch() {}

    /**
     * A new tree; neither argument is changed.
     *
     * @throws IllegalArgumentException when an operation is malformed or cannot be done
     */
    public static Object apply(Object target, @Nullable Object patch) {
        if (!(patch instanceof List<?> operations)) {
            throw new IllegalArgumentException("a JSON patch must be an array of operations");
        }
        Object[] root = {Json.copy(target)};
        for (Object o : operations) {
            if (!(o instanceof Map<?, ?> op) || !(op.get("path") instanceof String path)) {
                throw new IllegalArgumentException("each operation needs op and path");
            }
            String name = String.valueOf(op.get("op"));
            switch (name) {
                case "add" -> add(root, path, Json.copyOrNull(op.get("value")), false);
                case "replace" -> {
                    get(root, path);
                    add(root, path, Json.copyOrNull(op.get("value")), true);
                }
                case "remove" -> remove(root, path);
                case "test" -> {
                    if (!Objects.equals(get(root, path), op.get("value"))) {
                        throw new IllegalArgumentException("testing value " + path + " failed");
                    }
                }
                case "copy" -> add(root, path, Json.copyOrNull(get(root, from(op))), false);
                case "move" -> {
                    Object value = get(root, from(op));
                    remove(root, from(op));
                    add(root, path, value, false);
                }
                default -> throw new IllegalArgumentException("unknown operation " + name);
            }
        }
        return Objects.requireNonNull(root[0]);
    }

    private static String from(Map<?, ?> op) {
        if (op.get("from") instanceof String s) {
            return s;
        }
        throw new IllegalArgumentException("the operation needs from");
    }

    private static @Nullable Object get(Object[] root, String path) {
        Object at = root[0];
        for (String step : steps(path)) {
            at = child(at, step, path);
        }
        return at;
    }

    private static @Nullable Object child(@Nullable Object at, String step, String path) {
        if (at instanceof Map<?, ?> m && m.containsKey(step)) {
            return m.get(step);
        }
        if (at instanceof List<?> l) {
            return l.get(index(step, l.size() - 1, path));
        }
        throw missing(path);
    }

    @SuppressWarnings("unchecked")
    private static void add(Object[] root, String path, @Nullable Object value, boolean replace) {
        if (path.isEmpty()) {
            root[0] = Objects.requireNonNull(value);
            return;
        }
        Object parent = get(root, path.substring(0, path.lastIndexOf('/')));
        String last = steps(path.substring(path.lastIndexOf('/')))[0];
        if (parent instanceof Map<?, ?> m) {
            ((Map<String, @Nullable Object>) m).put(last, value);
        } else if (parent instanceof List<?> l) {
            List<@Nullable Object> list = (List<@Nullable Object>) l;
            if (replace) {
                list.set(index(last, l.size() - 1, path), value);
            } else {
                list.add(last.equals("-") ? l.size() : index(last, l.size(), path), value);
            }
        } else {
            throw missing(path);
        }
    }

    private static void remove(Object[] root, String path) {
        get(root, path);
        Object parent = get(root, path.substring(0, path.lastIndexOf('/')));
        String last = steps(path.substring(path.lastIndexOf('/')))[0];
        if (parent instanceof Map<?, ?> m) {
            m.remove(last);
        } else if (parent instanceof List<?> l) {
            l.remove(index(last, l.size() - 1, path));
        }
    }

    private static int index(String step, int max, String path) {
        try {
            int i = Integer.parseInt(step);
            if (i >= 0 && i <= max) {
                return i;
            }
        } catch (NumberFormatException e) {
            throw missing(path);
        }
        throw missing(path);
    }

    private static String[] steps(String path) {
        if (path.isEmpty()) {
            return new String[0];
        }
        String[] steps = path.substring(1).split("/", -1);
        for (int i = 0; i < steps.length; i++) {
            steps[i] = steps[i].replace("~1", "/").replace("~0", "~");
        }
        return steps;
    }

    private static IllegalArgumentException missing(String path) {
        return new IllegalArgumentException("the path " + path + " does not exist");
    }
}
