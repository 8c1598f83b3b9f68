package dev.coracle.apiserver.structural;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A part of an object and what it replaces, as upstream's {@code CorrelatedObject}. What is {@link #alike} may stay
 * though a schema that came later does not allow it.
 *
 * <p>Fields replace those of their name and elements those of their keys or, in a list that says nothing of its type,
 * of their place. An atomic list and a set are replaced whole.
 */
// For one thread.
final class Correlated {
    private final Node schema;
    private final @Nullable Object value;
    private final @Nullable Object old;
    private final Map<Object, Correlated> parts = new HashMap<>();
    private @Nullable Map<@Nullable Object, Object> keyed;
    private @Nullable Boolean alike;

    Correlated(Node schema, @Nullable Object value, @Nullable Object old) {
        this.schema = schema;
        this.value = value;
        this.old = old;
    }

    /** Whether this is that very part, and not one around it. */
    @SuppressWarnings("ReferenceEquality")
    boolean isOf(Object part) {
        return value == part;
    }

    /** A field's; null for one that is new, or of which the schema knows nothing. */
    @Nullable
    Correlated field(String name) {
        if (!(value instanceof Map<?, ?> map)
                || !(old instanceof Map<?, ?> before)
                || !map.containsKey(name)
                || !before.containsKey(name)) {
            return null;
        }
        Node field = schema.child(name);
        return field == null
                ? null
                : parts.computeIfAbsent(name, n -> new Correlated(field, map.get(name), before.get(name)));
    }

    /** An element's; null for one that replaces none. */
    @Nullable
    Correlated element(int i) {
        Node items = schema.items;
        if (items == null || !(value instanceof List<?> list) || !(old instanceof List<?> before)) {
            return null;
        }
        Object replaced = replaced(list, before, i);
        return replaced == null ? null : parts.computeIfAbsent(i, n -> new Correlated(items, list.get(i), replaced));
    }

    private @Nullable Object replaced(List<?> list, List<?> before, int i) {
        if (schema.listType == Node.ListType.MAP) {
            return list.get(i) == null ? null : keyed(before).get(UniqueCheck.key(schema, list.get(i)));
        }
        return schema.byPlace && i < before.size() ? before.get(i) : null;
    }

    private Map<@Nullable Object, Object> keyed(List<?> before) {
        Map<@Nullable Object, Object> all = keyed;
        if (all == null) {
            all = new HashMap<>();
            for (Object e : before) {
                if (e != null) {
                    all.putIfAbsent(UniqueCheck.key(schema, e), e);
                }
            }
            keyed = all;
        }
        return all;
    }

    /** Whether nothing changed; the order of elements that have keys is nothing. */
    boolean alike() {
        Boolean known = alike;
        if (known == null) {
            known = compare();
            alike = known;
        }
        return known;
    }

    private boolean compare() {
        if (value instanceof List<?> list && old instanceof List<?> before) {
            return list.size() == before.size() && elementsAlike(list, before);
        }
        if (value instanceof Map<?, ?> map && old instanceof Map<?, ?> before) {
            if (map.size() != before.size()) {
                return false;
            }
            for (Object name : map.keySet()) {
                Correlated field = field((String) name);
                if (field == null || !field.alike()) {
                    return false;
                }
            }
            return true;
        }
        return Objects.equals(value, old);
    }

    private boolean elementsAlike(List<?> list, List<?> before) {
        for (int i = 0; i < list.size(); i++) {
            Correlated element = element(i);
            if (element == null) {
                return schema.listType != Node.ListType.MAP && list.equals(before);
            }
            if (!element.alike()) {
                return false;
            }
        }
        return true;
    }
}
