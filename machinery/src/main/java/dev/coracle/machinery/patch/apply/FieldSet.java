package dev.coracle.machinery.patch.apply;

import dev.coracle.machinery.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A set of places in an object, as {@code FieldsV1} writes it: {@code f:name} a field, {@code k:{"name":"web"}} an
 * element of a list by its keys, {@code v:"x"} an element of a set. A node may be a member itself ({@code "."}, or an
 * empty node) and have members below. Immutable once it has left this class.
 */
final class FieldSet {
    private boolean member;
    private final TreeMap<String, FieldSet> children = new TreeMap<>();

    boolean isEmpty() {
        return !member && children.isEmpty();
    }

    boolean isMember() {
        return member;
    }

    Map<String, FieldSet> children() {
        return children;
    }

    /** The places that {@code tree} gives a value to. */
    static FieldSet of(@Nullable Object tree, String path, Structure structure) {
        FieldSet set = new FieldSet();
        Map<String, @Nullable Object> parts = parts(tree, path, structure);
        if (parts.isEmpty()) {
            set.member = true;
        }
        parts.forEach((element, value) -> {
            FieldSet child = of(value, below(path, element), structure);
            child.member |= !element.startsWith("f:");
            set.children.put(element, child);
        });
        return set;
    }

    static FieldSet none() {
        return new FieldSet();
    }

    static String below(String path, String element) {
        if (!element.startsWith("f:")) {
            return path;
        }
        return path.isEmpty() ? element.substring(2) : path + "." + element.substring(2);
    }

    /** The elements of a granular map or list by their names here; empty for everything that is owned as a whole. */
    static Map<String, @Nullable Object> parts(@Nullable Object tree, String path, Structure structure) {
        Map<String, @Nullable Object> parts = new LinkedHashMap<>();
        if (tree instanceof Map<?, ?> map && !structure.atomicMap(path)) {
            map.forEach((k, v) -> {
                if (v != null) {
                    parts.put("f:" + k, v);
                }
            });
        } else if (tree instanceof List<?> list) {
            List<String> keys = structure.listKeys(path);
            if (keys != null) {
                for (Object e : list) {
                    parts.put(element(e, keys, structure), e);
                }
            }
        }
        return parts;
    }

    private static String element(@Nullable Object e, List<String> keys, Structure structure) {
        if (keys.isEmpty() || !(e instanceof Map<?, ?> m)) {
            return "v:" + Json.string(e);
        }
        TreeMap<String, @Nullable Object> id = new TreeMap<>();
        for (String k : keys) {
            Object v = m.get(k);
            id.put(k, v == null ? structure.keyDefault(k) : v);
        }
        return "k:" + Json.string(id);
    }

    static FieldSet parse(Map<?, ?> fieldsV1) {
        FieldSet set = new FieldSet();
        set.member = fieldsV1.isEmpty() || fieldsV1.containsKey(".");
        fieldsV1.forEach((k, v) -> {
            if (!k.equals(".") && v instanceof Map<?, ?> m) {
                set.children.put((String) k, parse(m));
            }
        });
        return set;
    }

    Map<String, Object> fieldsV1() {
        Map<String, Object> tree = new LinkedHashMap<>();
        if (member && !children.isEmpty()) {
            tree.put(".", new LinkedHashMap<String, Object>());
        }
        children.forEach((k, v) -> tree.put(k, v.fieldsV1()));
        return tree;
    }

    FieldSet plus(FieldSet other) {
        FieldSet set = new FieldSet();
        set.member = member || other.member;
        set.children.putAll(children);
        other.children.forEach((k, v) -> set.children.merge(k, v, FieldSet::plus));
        return set;
    }

    FieldSet minus(FieldSet other) {
        return keep((mine, theirs) -> !theirs, other);
    }

    FieldSet and(FieldSet other) {
        return keep((mine, theirs) -> theirs, other);
    }

    private FieldSet keep(BiPredicate<Boolean, Boolean> rule, FieldSet other) {
        FieldSet set = new FieldSet();
        set.member = member && rule.test(true, other.member);
        children.forEach((k, v) -> {
            FieldSet rest = v.keep(rule, Objects.requireNonNullElseGet(other.children.get(k), FieldSet::new));
            if (!rest.isEmpty()) {
                set.children.put(k, rest);
            }
        });
        return set;
    }

    /** Without the place {@code elements} lead to and what is below it. */
    FieldSet without(String... elements) {
        FieldSet set = new FieldSet();
        set.member = member;
        set.children.putAll(children);
        FieldSet child = set.children.remove(elements[0]);
        if (child != null && elements.length > 1) {
            FieldSet rest = child.without(java.util.Arrays.copyOfRange(elements, 1, elements.length));
            if (!rest.isEmpty()) {
                set.children.put(elements[0], rest);
            }
        }
        return set;
    }

    /** Of two trees, the places whose value is new in {@code after} or another one than in {@code before}. */
    static FieldSet changed(@Nullable Object before, @Nullable Object after, String path, Structure structure) {
        FieldSet set = new FieldSet();
        Map<String, @Nullable Object> old = parts(before, path, structure);
        Map<String, @Nullable Object> now = parts(after, path, structure);
        if (now.isEmpty()) {
            set.member = !Objects.equals(before, after);
            return set;
        }
        now.forEach((element, value) -> {
            boolean added = !old.containsKey(element);
            FieldSet child = changed(old.get(element), value, below(path, element), structure);
            // A container that was not there before is owned by whoever brought it.
            boolean brought = added && !path.isEmpty();
            child.member |= brought || added && child.children.isEmpty();
            if (!child.isEmpty()) {
                set.children.put(element, child);
            }
        });
        return set;
    }

    /** {@code .spec.template.spec.containers[name="web"].image} for each member. */
    List<String> paths() {
        List<String> paths = new ArrayList<>();
        paths("", paths);
        return paths;
    }

    private void paths(String at, List<String> paths) {
        if (member) {
            paths.add(at);
        }
        children.forEach((k, v) -> v.paths(at + text(k), paths));
    }

    private static String text(String element) {
        String rest = element.substring(2);
        if (element.startsWith("f:")) {
            return "." + rest;
        }
        if (element.startsWith("k:")) {
            List<String> keys = new ArrayList<>();
            Json.parseObject(rest).forEach((k, v) -> keys.add(k + "=" + Json.string(v)));
            return "[" + String.join(",", keys) + "]";
        }
        return "[=" + rest + "]";
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FieldSet s && member == s.member && children.equals(s.children);
    }

    @Override
    public int hashCode() {
        return 31 * children.hashCode() + (member ? 1 : 0);
    }
}
