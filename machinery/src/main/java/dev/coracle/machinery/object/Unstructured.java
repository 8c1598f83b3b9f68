package dev.coracle.machinery.object;

import dev.coracle.machinery.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An API object, or a part of one, as a JSON tree with readers that never throw on absent fields and writers that make
 * the way to a field. It is a view: two of them over one map see each other's changes. A tree that came from
 * {@link Revision#object()} is shared and must not be changed; take {@link #copy()} first.
 *
 * <pre>{@code
 * int wanted = (int) deployment.integer(1, "spec", "replicas");
 * for (Unstructured c : pod.objects("spec", "containers")) { c.string("image"); }
 * pod.set("node-1", "spec", "nodeName");
 * }</pre>
 */
public final class Unstructured {
    private final Map<String, Object> map;

    public Unstructured(Map<String, Object> map) {
        this.map = map;
    }

    /** An empty object of the kind. */
    public static Unstructured of(String apiVersion, String kind) {
        return new Unstructured(new LinkedHashMap<>())
                .set(apiVersion, "apiVersion")
                .set(kind, "kind");
    }

    /** An object of the kind with name and, unless {@code ""}, namespace. */
    public static Unstructured of(String apiVersion, String kind, String namespace, String name) {
        Unstructured o = of(apiVersion, kind).set(name, "metadata", "name");
        return namespace.isEmpty() ? o : o.set(namespace, "metadata", "namespace");
    }

    public static Unstructured parse(byte[] json) {
        return new Unstructured(Json.parseObject(json));
    }

    public static Unstructured parse(String json) {
        return new Unstructured(Json.parseObject(json));
    }

    public Map<String, Object> map() {
        return map;
    }

    public byte[] json() {
        return Json.bytes(map);
    }

    /** A mutable deep copy. */
    public Unstructured copy() {
        return new Unstructured(Json.copy(map));
    }

    // ---- metadata

    public String apiVersion() {
        return string("apiVersion");
    }

    public String kind() {
        return string("kind");
    }

    public GroupVersionKind groupVersionKind() {
        return GroupVersionKind.of(apiVersion(), kind());
    }

    public String name() {
        return string("metadata", "name");
    }

    public String namespace() {
        return string("metadata", "namespace");
    }

    public String uid() {
        return string("metadata", "uid");
    }

    public String resourceVersion() {
        return string("metadata", "resourceVersion");
    }

    public long generation() {
        return integer(0, "metadata", "generation");
    }

    public Map<String, String> labels() {
        return strings("metadata", "labels");
    }

    public Map<String, String> annotations() {
        return strings("metadata", "annotations");
    }

    public boolean isDeleting() {
        return has("metadata", "deletionTimestamp");
    }

    public List<String> finalizers() {
        return stringList("metadata", "finalizers");
    }

    public List<OwnerReference> ownerReferences() {
        List<OwnerReference> owners = new ArrayList<>();
        for (Unstructured o : objects("metadata", "ownerReferences")) {
            owners.add(new OwnerReference(
                    o.apiVersion(),
                    o.kind(),
                    o.string("name"),
                    o.string("uid"),
                    o.bool("controller"),
                    o.bool("blockOwnerDeletion")));
        }
        return owners;
    }

    /** The owner that manages this object, if one does. */
    public Optional<OwnerReference> controllerOf() {
        return ownerReferences().stream().filter(OwnerReference::controller).findFirst();
    }

    // ---- reading

    public @Nullable Object get(String... path) {
        Object at = map;
        for (String key : path) {
            if (!(at instanceof Map<?, ?> m)) {
                return null;
            }
            at = m.get(key);
        }
        return at;
    }

    /** Present and not null. */
    public boolean has(String... path) {
        return get(path) != null;
    }

    /** The string there, or {@code ""}. */
    public String string(String... path) {
        return get(path) instanceof String s ? s : "";
    }

    public String stringOr(String fallback, String... path) {
        return get(path) instanceof String s ? s : fallback;
    }

    /** The integer there, or {@code fallback}. */
    public long integer(long fallback, String... path) {
        return get(path) instanceof Number n ? n.longValue() : fallback;
    }

    /** The boolean there, or false. */
    public boolean bool(String... path) {
        return get(path) instanceof Boolean b && b;
    }

    /** The timestamp there, if there is one and it is well-formed. */
    public Optional<Instant> time(String... path) {
        return get(path) instanceof String s ? Timestamps.parse(s) : Optional.empty();
    }

    /** The object there; an empty one, not connected to this, where there is none. */
    @SuppressWarnings("unchecked")
    public Unstructured object(String... path) {
        return get(path) instanceof Map<?, ?> m
                ? new Unstructured((Map<String, Object>) m)
                : new Unstructured(new LinkedHashMap<>());
    }

    /** The objects of the list there; empty where there is none. The list is a copy, its elements are views. */
    @SuppressWarnings("unchecked")
    public List<Unstructured> objects(String... path) {
        List<Unstructured> objects = new ArrayList<>();
        if (get(path) instanceof List<?> list) {
            for (Object o : list) {
                if (o instanceof Map<?, ?> m) {
                    objects.add(new Unstructured((Map<String, Object>) m));
                }
            }
        }
        return objects;
    }

    public List<String> stringList(String... path) {
        List<String> strings = new ArrayList<>();
        if (get(path) instanceof List<?> list) {
            for (Object o : list) {
                strings.add(String.valueOf(o));
            }
        }
        return strings;
    }

    /** The map of strings there, as labels and selectors have it; empty where there is none. */
    public Map<String, String> strings(String... path) {
        Map<String, String> strings = new LinkedHashMap<>();
        if (get(path) instanceof Map<?, ?> m) {
            m.forEach((k, v) -> strings.put((String) k, v == null ? "" : String.valueOf(v)));
        }
        return strings;
    }

    // ---- writing

    /** Puts {@code value} (a tree, an {@code Unstructured}, a list of either) at the path; {@code null} removes it. */
    @SuppressWarnings("unchecked")
    public Unstructured set(@Nullable Object value, String... path) {
        if (value == null) {
            remove(path);
            return this;
        }
        Map<String, Object> at = map;
        for (int i = 0; i < path.length - 1; i++) {
            Object child = at.get(path[i]);
            if (!(child instanceof Map)) {
                child = new LinkedHashMap<String, Object>();
                at.put(path[i], child);
            }
            at = (Map<String, Object>) child;
        }
        at.put(path[path.length - 1], tree(value));
        return this;
    }

    @SuppressWarnings("unchecked")
    public Unstructured remove(String... path) {
        Map<String, Object> at = map;
        for (int i = 0; i < path.length - 1; i++) {
            if (!(at.get(path[i]) instanceof Map<?, ?> child)) {
                return this;
            }
            at = (Map<String, Object>) child;
        }
        at.remove(path[path.length - 1]);
        return this;
    }

    /** Appends to the list at the path, making it if needed. */
    @SuppressWarnings("unchecked")
    public Unstructured add(Object value, String... path) {
        if (!(get(path) instanceof List<?>)) {
            set(new ArrayList<>(), path);
        }
        Object list = get(path);
        ((List<Object>) java.util.Objects.requireNonNull(list)).add(tree(value));
        return this;
    }

    public Unstructured addOwner(OwnerReference owner) {
        var o = new LinkedHashMap<String, Object>();
        o.put("apiVersion", owner.apiVersion());
        o.put("kind", owner.kind());
        o.put("name", owner.name());
        o.put("uid", owner.uid());
        o.put("controller", owner.controller());
        o.put("blockOwnerDeletion", owner.blockOwnerDeletion());
        return add(o, "metadata", "ownerReferences");
    }

    private static Object tree(Object value) {
        return switch (value) {
            case Unstructured u -> u.map;
            case Integer i -> i.longValue();
            case Instant t -> Timestamps.format(t);
            case List<?> list -> {
                var copy = new ArrayList<Object>(list.size());
                for (Object o : list) {
                    copy.add(tree(o));
                }
                yield copy;
            }
            default -> value;
        };
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Unstructured u && map.equals(u.map);
    }

    @Override
    public int hashCode() {
        return map.hashCode();
    }

    @Override
    public String toString() {
        return Json.string(map);
    }
}
