package dev.coracle.apiserver.builtin.resource;

import dev.coracle.apiserver.definition.Findings;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Lists, each of whose items has rules. Of one that is too long nothing else is said, so that judging it stays cheap. */
record Several(Findings findings) {
    static final int ANY = Integer.MAX_VALUE;

    /** @param rule given an item and its path */
    <T> boolean list(List<T> items, int most, String path, BiConsumer<T, String> rule) {
        if (items.size() > most) {
            findings.tooMany(path, items.size(), most);
            return false;
        }
        for (int i = 0; i < items.size(); i++) {
            rule.accept(items.get(i), path + "[" + i + "]");
        }
        return true;
    }

    /** @param key by which no two may be alike */
    <T> void set(List<T> items, int most, String path, BiConsumer<T, String> rule, Function<T, Object> key) {
        if (!list(items, most, path, rule)) {
            return;
        }
        Set<Object> seen = new HashSet<>();
        for (int i = 0; i < items.size(); i++) {
            Object k = key.apply(items.get(i));
            if (!seen.add(k)) {
                findings.duplicate(path + "[" + i + "]", k);
            }
        }
    }
}
