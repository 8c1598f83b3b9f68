package dev.coracle.store.mvcc;

import dev.coracle.store.KeyRange;
import dev.coracle.store.StoreEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/**
 * Who watches which keys. Those who watch all below a path ({@code /registry/pods/}), as nearly all do, are found by the
 * paths above a key, so that a change costs the same with ten watches and with a thousand.
 */
final class Watchers {
    private final Map<String, List<Watcher>> byPath = new ConcurrentHashMap<>();
    private final List<Watcher> others = new CopyOnWriteArrayList<>();

    void add(Watcher w) {
        if (isPath(w.range())) {
            // In one step: between two of them somebody could drop the list, which was empty just then.
            byPath.compute(w.range().start(), (p, list) -> {
                List<Watcher> all = list == null ? new CopyOnWriteArrayList<>() : list;
                all.add(w);
                return all;
            });
        } else {
            others.add(w);
        }
    }

    void remove(Watcher w) {
        others.remove(w);
        byPath.computeIfPresent(w.range().start(), (p, list) -> {
            list.remove(w);
            return list.isEmpty() ? null : list;
        });
    }

    private static boolean isPath(KeyRange range) {
        return range.start().endsWith("/") && range.equals(KeyRange.prefix(range.start()));
    }

    /** Each with the events that concern it, in their order. */
    void select(List<StoreEvent> events, BiConsumer<Watcher, List<StoreEvent>> told) {
        Map<Watcher, List<StoreEvent>> found = new LinkedHashMap<>();
        for (StoreEvent e : events) {
            String key = e.current().key();
            for (int at = key.indexOf('/'); at >= 0; at = key.indexOf('/', at + 1)) {
                for (Watcher w : byPath.getOrDefault(key.substring(0, at + 1), List.of())) {
                    found.computeIfAbsent(w, x -> new ArrayList<>()).add(e);
                }
            }
            for (Watcher w : others) {
                if (w.range().contains(key)) {
                    found.computeIfAbsent(w, x -> new ArrayList<>()).add(e);
                }
            }
        }
        found.forEach(told);
    }

    /** All, which are forgotten. */
    List<Watcher> clear() {
        List<Watcher> all = new ArrayList<>(others);
        byPath.values().forEach(all::addAll);
        byPath.clear();
        others.clear();
        return all;
    }
}
