package dev.coracle.machinery.patch;

import dev.coracle.machinery.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Strategic merge patch: a merge patch in which lists of objects are merged by a key, with the directives {@code $patch},
 * {@code $deleteFromPrimitiveList}, {@code $setElementOrder} and {@code $retainKeys}.
 */
public final class StrategicMergePatch {
    /** Which lists merge, and by what. */
    @FunctionalInterface
    public interface MergeKeys {
        /**
         * @param path field names from the root, list elements left out: {@code spec.template.spec.containers}
         * @return the merge key; {@code ""} for a merged list of scalars; null for a list that is replaced
         */
        @Nullable
        String of(String path);
    }

    private final MergeKeys keys;

    public StrategicMergePatch(MergeKeys keys) {
        this.keys = keys;
    }

    /** A new tree; neither argument is changed. */
    public Map<String, Object> apply(Map<String, Object> target, Map<String, Object> patch) {
        return merge(target, patch, "");
    }

    private Map<String, Object> merge(Map<String, Object> target, Map<String, Object> patch, String path) {
        if ("replace".equals(patch.get("$patch"))) {
            Map<String, Object> replaced = Json.copy(patch);
            replaced.remove("$patch");
            return replaced;
        }
        if ("delete".equals(patch.get("$patch"))) {
            return new LinkedHashMap<>();
        }
        Map<String, Object> result = Json.copy(target);
        if (patch.get("$retainKeys") instanceof List<?> retain) {
            result.keySet().removeIf(k -> !retain.contains(k));
        }
        patch.forEach((key, value) -> {
            if (!key.startsWith("$")) {
                field(result, key, value, path.isEmpty() ? key : path + "." + key);
            }
        });
        patch.forEach((key, value) -> directive(result, key, value, path));
        return result;
    }

    @SuppressWarnings("unchecked")
    private void field(Map<String, Object> result, String key, @Nullable Object value, String path) {
        if (value == null) {
            result.remove(key);
            return;
        }
        Object before = result.get(key);
        String mergeKey = keys.of(path);
        if (value instanceof Map<?, ?> m) {
            Map<String, Object> base = before instanceof Map<?, ?> b ? (Map<String, Object>) b : new LinkedHashMap<>();
            result.put(key, merge(base, (Map<String, Object>) m, path));
        } else if (value instanceof List<?> changes && mergeKey != null) {
            List<Object> base = before instanceof List<?> b ? (List<Object>) b : new ArrayList<>();
            result.put(key, list(base, (List<Object>) changes, mergeKey, path));
        } else {
            result.put(key, Json.copy(value));
        }
    }

    @SuppressWarnings("unchecked")
    private List<Object> list(List<Object> base, List<Object> changes, String mergeKey, String path) {
        List<Object> merged = new ArrayList<>(base);
        if (mergeKey.isEmpty()) {
            changes.stream().filter(c -> !merged.contains(c)).forEach(merged::add);
            return merged;
        }
        if (changes.stream().anyMatch(c -> c instanceof Map<?, ?> m && "replace".equals(m.get("$patch")))) {
            List<Object> replaced = new ArrayList<>(Json.copy(changes));
            replaced.removeIf(c -> c instanceof Map<?, ?> m && "replace".equals(m.get("$patch")));
            return replaced;
        }
        for (Object c : changes) {
            if (!(c instanceof Map<?, ?>)) {
                throw new IllegalArgumentException(path + " is merged by " + mergeKey + ", so it holds objects alone");
            }
            Map<String, Object> change = (Map<String, Object>) c;
            Object id = change.get(mergeKey);
            int at = -1;
            for (int i = 0; i < merged.size(); i++) {
                if (merged.get(i) instanceof Map<?, ?> m && Objects.equals(m.get(mergeKey), id)) {
                    at = i;
                }
            }
            if ("delete".equals(change.get("$patch"))) {
                if (at >= 0) {
                    merged.remove(at);
                }
            } else if (at >= 0) {
                merged.set(at, merge((Map<String, Object>) merged.get(at), change, path));
            } else {
                merged.add(merge(new LinkedHashMap<>(), change, path));
            }
        }
        return merged;
    }

    private void directive(Map<String, Object> result, String key, @Nullable Object value, String path) {
        if (!(value instanceof List<?> values)) {
            return;
        }
        String field = key.substring(key.indexOf('/') + 1);
        if (key.startsWith("$deleteFromPrimitiveList/") && result.get(field) instanceof List<?> list) {
            List<Object> rest = new ArrayList<>(list);
            rest.removeAll(values);
            result.put(field, rest);
        } else if (key.startsWith("$setElementOrder/") && result.get(field) instanceof List<?> list) {
            String mergeKey = keys.of(path.isEmpty() ? field : path + "." + field);
            result.put(field, ordered(list, values, mergeKey == null ? "" : mergeKey));
        }
    }

    /** The elements that the order names, as it says; others stay behind the one they stood behind. */
    private static List<Object> ordered(List<?> list, List<?> order, String mergeKey) {
        List<Object> result = new ArrayList<>();
        List<Object> ids = order.stream().map(o -> id(o, mergeKey)).distinct().toList();
        List<Object> rest = new ArrayList<>(list);
        for (Object id : ids) {
            for (Object e : list) {
                if (Objects.equals(id(e, mergeKey), id)) {
                    result.add(e);
                    rest.remove(e);
                }
            }
        }
        for (Object e : rest) {
            int before = list.indexOf(e) - 1;
            int at = before < 0 ? 0 : result.indexOf(list.get(before)) + 1;
            result.add(at, e);
        }
        return result;
    }

    private static Object id(Object element, String mergeKey) {
        return element instanceof Map<?, ?> m && !mergeKey.isEmpty() ? String.valueOf(m.get(mergeKey)) : element;
    }
}
