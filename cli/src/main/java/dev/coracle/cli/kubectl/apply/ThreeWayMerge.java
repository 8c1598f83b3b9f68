package dev.coracle.cli.kubectl.apply;

import dev.coracle.machinery.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The patch that brings {@code current} to {@code modified} without undoing others' work: what {@code modified} has is
 * set where it differs from {@code current}; what {@code original} had and {@code modified} has not is removed; what only
 * {@code current} has stays.
 *
 * <pre>
 * original {a: 1, b: 2}   modified {a: 3}   current {a: 1, b: 2, c: 9}   patch {a: 3, b: null}
 * </pre>
 *
 * <p>As upstream, it does not look whether what it removes is still there.
 *
 * <p>Strategic: lists that have a merge key are compared element by element. Otherwise a JSON merge patch.
 */
public final class ThreeWayMerge {
    private final boolean strategic;

    public ThreeWayMerge(boolean strategic) {
        this.strategic = strategic;
    }

    /** Empty when there is nothing to change. */
    public Map<String, Object> patch(
            Map<String, Object> original, Map<String, Object> modified, Map<String, Object> current) {
        return object(original, modified, current, "");
    }

    private Map<String, Object> object(
            Map<String, Object> original, Map<String, Object> modified, Map<String, Object> current, String path) {
        Map<String, Object> patch = new LinkedHashMap<>();
        modified.forEach((key, wanted) -> {
            String at = path.isEmpty() ? key : path + "." + key;
            if (wanted != null) {
                field(patch, key, original.get(key), wanted, current.get(key), at);
            }
        });
        for (String key : original.keySet()) {
            if (modified.get(key) == null && original.get(key) != null) {
                patch.put(key, null);
            }
        }
        if (strategic && !patch.isEmpty() && MergeKeys.retainsKeys(path)) {
            List<Object> keys = new ArrayList<>(modified.keySet());
            keys.sort(null);
            patch.put("$retainKeys", keys);
        }
        return patch;
    }

    private void field(
            Map<String, Object> patch,
            String key,
            @Nullable Object original,
            Object wanted,
            @Nullable Object now,
            String path) {
        if (now == null) {
            patch.put(key, Json.copy(wanted));
        } else if (wanted instanceof Map<?, ?> w && now instanceof Map<?, ?> n) {
            Map<String, Object> inner = object(map(original), map(w), map(n), path);
            if (!inner.isEmpty()) {
                patch.put(key, inner);
            }
        } else if (wanted instanceof List<?> w && now instanceof List<?> n && strategic && MergeKeys.of(path) != null) {
            String mergeKey = Objects.requireNonNull(MergeKeys.of(path));
            List<?> o = original instanceof List<?> l ? l : List.of();
            if (mergeKey.isEmpty()) {
                scalars(patch, key, o, w, n);
            } else {
                elements(patch, key, o, w, n, mergeKey, path);
            }
        } else if (!same(wanted, now)) {
            patch.put(key, Json.copy(wanted));
        }
    }

    private void elements(
            Map<String, Object> patch,
            String key,
            List<?> original,
            List<?> wanted,
            List<?> now,
            String mergeKey,
            String path) {
        List<Object> changes = new ArrayList<>();
        List<Object> order = new ArrayList<>();
        for (Object w : wanted) {
            Map<String, Object> want = map(w);
            Object id = want.get(mergeKey);
            order.add(new LinkedHashMap<>(java.util.Collections.singletonMap(mergeKey, id)));
            Map<String, Object> have = element(now, mergeKey, id);
            if (have == null) {
                changes.add(Json.copy(want));
                continue;
            }
            Map<String, Object> before = element(original, mergeKey, id);
            Map<String, Object> change = object(before == null ? Map.of() : before, want, have, path);
            if (!change.isEmpty()) {
                change.put(mergeKey, id);
                changes.add(change);
            }
        }
        for (Object o : original) {
            Object id = map(o).get(mergeKey);
            if (element(wanted, mergeKey, id) == null) {
                Map<String, Object> removal = new LinkedHashMap<>();
                removal.put("$patch", "delete");
                removal.put(mergeKey, id);
                changes.add(removal);
            }
        }
        if (!changes.isEmpty()) {
            patch.put("$setElementOrder/" + key, order);
            patch.put(key, changes);
        }
    }

    private static void scalars(Map<String, Object> patch, String key, List<?> original, List<?> wanted, List<?> now) {
        Set<Object> added = new LinkedHashSet<>(wanted);
        added.removeAll(now);
        Set<Object> gone = new LinkedHashSet<>(original);
        gone.removeAll(wanted);
        if (!added.isEmpty()) {
            patch.put(key, new ArrayList<>(added));
        }
        if (!gone.isEmpty()) {
            patch.put("$deleteFromPrimitiveList/" + key, new ArrayList<>(gone));
        }
        if (!added.isEmpty() || !gone.isEmpty()) {
            patch.put("$setElementOrder/" + key, new ArrayList<>(wanted));
        }
    }

    private static @Nullable Map<String, Object> element(List<?> list, String mergeKey, @Nullable Object id) {
        for (Object e : list) {
            if (e instanceof Map<?, ?> m && Objects.equals(m.get(mergeKey), id)) {
                return map(m);
            }
        }
        return null;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(@Nullable Object value) {
        return value instanceof Map<?, ?> m ? (Map<String, Object>) m : Map.of();
    }

    /** Numbers are what they count as: 1 and 1.0 are one. */
    private static boolean same(Object a, Object b) {
        if (a instanceof Number x && b instanceof Number y) {
            return x.doubleValue() == y.doubleValue();
        }
        if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
            return x.keySet().equals(y.keySet())
                    && x.entrySet().stream().allMatch(e -> sameOrNull(e.getValue(), y.get(e.getKey())));
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            if (x.size() != y.size()) {
                return false;
            }
            for (int i = 0; i < x.size(); i++) {
                if (!sameOrNull(x.get(i), y.get(i))) {
                    return false;
                }
            }
            return true;
        }
        return a.equals(b);
    }

    private static boolean sameOrNull(@Nullable Object a, @Nullable Object b) {
        return a == null || b == null ? a == b : same(a, b);
    }
}
