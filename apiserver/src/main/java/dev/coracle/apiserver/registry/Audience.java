package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.registry.ResourceCache.Watcher;
import dev.coracle.machinery.object.Revision;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who watches one resource, found by what changed: thousands of kubelets that each watch the pods of a node, or a ConfigMap
 * by its name, cost a change of another's nothing.
 *
 * <p>A watcher is in one place: under the value that its filter pins, else under its namespace, {@code ""} for all.
 */
final class Audience {
    /** Watchers by the value that a field must have. */
    private static final class Field {
        private final Function<Revision, String> read;
        private final Map<String, Set<Watcher>> byValue = new HashMap<>();

        Field(Function<Revision, String> read) {
            this.read = read;
        }
    }

    private final Map<String, Field> fields = new LinkedHashMap<>();
    private final Map<String, Set<Watcher>> byNamespace = new HashMap<>();

    void add(Watcher w) {
        if (w.filter() instanceof Pinned p) {
            fields.computeIfAbsent(p.field(), f -> new Field(p.read()))
                    .byValue
                    .computeIfAbsent(p.value(), v -> new LinkedHashSet<>())
                    .add(w);
        } else {
            byNamespace
                    .computeIfAbsent(w.namespace(), n -> new LinkedHashSet<>())
                    .add(w);
        }
    }

    void remove(Watcher w) {
        if (!(w.filter() instanceof Pinned p)) {
            remove(byNamespace, w.namespace(), w);
            return;
        }
        Field field = fields.get(p.field());
        if (field != null) {
            remove(field.byValue, p.value(), w);
            if (field.byValue.isEmpty()) {
                fields.remove(p.field());
            }
        }
    }

    private static void remove(Map<String, Set<Watcher>> from, String key, Watcher w) {
        Set<Watcher> there = from.get(key);
        if (there != null && there.remove(w) && there.isEmpty()) {
            from.remove(key);
        }
    }

    boolean contains(Watcher w) {
        if (!(w.filter() instanceof Pinned p)) {
            return byNamespace.getOrDefault(w.namespace(), Set.of()).contains(w);
        }
        Field field = fields.get(p.field());
        return field != null && field.byValue.getOrDefault(p.value(), Set.of()).contains(w);
    }

    /**
     * All whom a change may concern, each once; perhaps others, too.
     *
     * @param before what the object was, if it was there
     */
    List<Watcher> of(Revision now, @Nullable Revision before) {
        List<Watcher> found = new ArrayList<>();
        for (Field f : fields.values()) {
            String value = f.read.apply(now);
            found.addAll(f.byValue.getOrDefault(value, Set.of()));
            String old = before == null ? value : f.read.apply(before);
            if (!old.equals(value)) {
                found.addAll(f.byValue.getOrDefault(old, Set.of()));
            }
        }
        String namespace = now.namespace();
        if (!namespace.isEmpty()) {
            found.addAll(byNamespace.getOrDefault(namespace, Set.of()));
        }
        found.addAll(byNamespace.getOrDefault("", Set.of()));
        return found;
    }

    /** All there are; none is in it afterwards. */
    List<Watcher> clear() {
        List<Watcher> all = new ArrayList<>();
        fields.values().forEach(f -> f.byValue.values().forEach(all::addAll));
        byNamespace.values().forEach(all::addAll);
        fields.clear();
        byNamespace.clear();
        return all;
    }
}
