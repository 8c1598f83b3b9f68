package dev.coracle.machinery.patch;

import dev.coracle.machinery.json.Json;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** RFC 6902, with bounds: a patch can neither make much of little nor nest deeper than {@link Json#MAX_DEPTH}. */
public final class JsonPatch {
    /** That a value is another than the patch is for. */
    public static final class TestFailed extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        TestFailed(String message) {
            super(message);
        }
    }

    /** The most operations of one patch, as upstream has it. */
    public static final int MAX_OPERATIONS = 10_000;

    /** What all {@code copy} operations of one patch together may add, in bytes, as upstream has it. */
    private static final long MAX_COPIED = 3 << 20;

    private @Nullable Object root;
    private long copied;

    private JsonPatch(Object target) {
        this.root = Json.copy(target);
    }

    /**
     * A new tree; neither argument is changed.
     *
     * @throws IllegalArgumentException when an operation is malformed or cannot be done
     */
    public static @Nullable Object apply(Object target, @Nullable Object patch) {
        if (!(patch instanceof List<?> operations)) {
            throw new IllegalArgumentException("a JSON patch must be an array of operations");
        }
        if (operations.size() > MAX_OPERATIONS) {
            throw new IllegalArgumentException("The allowed maximum operations in a JSON patch is " + MAX_OPERATIONS
                    + ", got " + operations.size());
        }
        JsonPatch applied = new JsonPatch(target);
        for (Object o : operations) {
            if (!(o instanceof Map<?, ?> op) || !(op.get("path") instanceof String path)) {
                throw new IllegalArgumentException("each operation needs op and path");
            }
            applied.operate(String.valueOf(op.get("op")), Pointer.of(path), op);
        }
        return applied.root;
    }

    private void operate(String name, Pointer path, Map<?, ?> op) {
        switch (name) {
            case "add" -> add(path, value(op), false);
            case "replace" -> {
                get(path);
                add(path, value(op), true);
            }
            case "remove" -> remove(path);
            case "test" -> {
                if (!Objects.equals(get(path), op.get("value"))) {
                    throw new TestFailed("testing value " + path + " failed");
                }
            }
            case "copy" -> {
                Object value = get(from(op));
                copied += Json.weight(value);
                if (copied > MAX_COPIED) {
                    throw new IllegalArgumentException("Unable to complete the copy, the accumulated size increase of"
                            + " copy is " + copied + ", exceeding the limit " + MAX_COPIED);
                }
                add(path, Json.copyOrNull(value), false);
            }
            case "move" -> {
                Pointer from = from(op);
                if (from.contains(path)) {
                    throw new IllegalArgumentException(from + " cannot be moved into itself");
                }
                Object value = get(from);
                remove(from);
                add(path, value, false);
            }
            default -> throw new IllegalArgumentException("unknown operation " + name);
        }
    }

    private static @Nullable Object value(Map<?, ?> op) {
        if (!op.containsKey("value")) {
            throw new IllegalArgumentException("the operation needs value");
        }
        return Json.copyOrNull(op.get("value"));
    }

    private static Pointer from(Map<?, ?> op) {
        if (op.get("from") instanceof String s) {
            return Pointer.of(s);
        }
        throw new IllegalArgumentException("the operation needs from");
    }

    private @Nullable Object get(Pointer path) {
        Object at = root;
        for (String step : path.steps()) {
            if (at instanceof Map<?, ?> m && m.containsKey(step)) {
                at = m.get(step);
            } else if (at instanceof List<?> l) {
                at = l.get(index(step, l.size() - 1, path));
            } else {
                throw missing(path);
            }
        }
        return at;
    }

    @SuppressWarnings("unchecked")
    private void add(Pointer path, @Nullable Object value, boolean replace) {
        if (path.steps().size() + Json.depth(value) > Json.MAX_DEPTH) {
            throw new IllegalArgumentException("exceeded max depth");
        }
        if (path.isRoot()) {
            root = value;
            return;
        }
        Object parent = get(path.parent());
        if (parent instanceof Map<?, ?> m) {
            ((Map<String, @Nullable Object>) m).put(path.last(), value);
        } else if (parent instanceof List<?> l) {
            List<@Nullable Object> list = (List<@Nullable Object>) l;
            if (replace) {
                list.set(index(path.last(), l.size() - 1, path), value);
            } else {
                list.add(path.last().equals("-") ? l.size() : index(path.last(), l.size(), path), value);
            }
        } else {
            throw missing(path);
        }
    }

    private void remove(Pointer path) {
        get(path);
        if (path.isRoot()) {
            root = null;
            return;
        }
        Object parent = get(path.parent());
        if (parent instanceof Map<?, ?> m) {
            m.remove(path.last());
        } else if (parent instanceof List<?> l) {
            l.remove(index(path.last(), l.size() - 1, path));
        }
    }

    private static int index(String step, int max, Pointer path) {
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

    private static IllegalArgumentException missing(Pointer path) {
        return new IllegalArgumentException("the path " + path + " does not exist");
    }
}
