package dev.coracle.machinery.patch.apply;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A manager states all it wants of an object. What it wants is merged in and becomes its own, what it wanted before and
 * no more is removed unless another owns it too, and what another owns with a different value is a conflict.
 */
public final class ServerSideApply {
    private final Structure structure;
    private final boolean apart;

    public ServerSideApply(Structure structure) {
        this(structure, true);
    }

    /** @param apart whether the status is written through a subresource of its own, and left alone otherwise */
    public ServerSideApply(Structure structure, boolean apart) {
        this.structure = structure;
        this.apart = apart;
    }

    /**
     * A new object; neither argument is changed.
     *
     * @param live the object as stored; null when there is none
     * @param force take the fields in conflict from their owners
     * @throws StatusException 409 with a cause for each field in conflict; 400 for an intent with managedFields
     */
    public Unstructured apply(
            @Nullable Unstructured live,
            Unstructured intent,
            String manager,
            boolean force,
            String subresource,
            Instant now) {
        if (!intent.objects("metadata", "managedFields").isEmpty()) {
            throw StatusException.badRequest("metadata.managedFields must be nil");
        }
        FieldSet wanted = ManagedFields.owned(FieldSet.of(intent.map(), "", structure), subresource, apart);
        List<ManagedFields.Entry> entries = live == null ? List.of() : known(live);
        FieldSet before = FieldSet.none();
        FieldSet others = FieldSet.none();
        Map<String, FieldSet> conflicts = new TreeMap<>();
        List<ManagedFields.Entry> next = new ArrayList<>();
        String time = Timestamps.format(now);
        for (ManagedFields.Entry e : entries) {
            if (e.isApplyOf(manager, subresource)) {
                before = e.fields();
                time = before.equals(wanted) ? e.time() : time;
                continue;
            }
            FieldSet both = e.fields().and(wanted);
            FieldSet conflict = differing(both, live == null ? null : live.map(), intent.map(), "");
            if (!conflict.isEmpty()) {
                conflicts.merge(described(e), conflict, FieldSet::plus);
            }
            ManagedFields.Entry rest = e.with(e.fields().minus(conflict));
            others = others.plus(rest.fields());
            next.add(rest);
        }
        if (!conflicts.isEmpty() && !force) {
            throw refusal(conflicts);
        }
        Object base = live == null ? null : live.map();
        Object merged = merge(base, within(intent, subresource).map(), "");
        merged = remove(merged, before.minus(wanted).minus(others), others, "");
        Unstructured result = object(merged);
        next.add(new ManagedFields.Entry(manager, "Apply", intent.apiVersion(), subresource, time, wanted));
        ManagedFields.write(result, next);
        return result;
    }

    /**
     * A new object: {@code live} with all that {@code part} says. Nobody comes to own anything.
     */
    public Unstructured merge(Unstructured live, Unstructured part) {
        return object(merge(live.map(), part.map(), ""));
    }

    /** Which maps and lists of a part would be replaced as a whole, e.g. {@code .spec.containers[0].args}. */
    public static List<String> whole(Unstructured part, Structure structure) {
        List<String> found = new ArrayList<>();
        whole(part.map(), "", "", structure, found);
        return found;
    }

    private static void whole(
            @Nullable Object tree, String path, String told, Structure structure, List<String> found) {
        if (tree instanceof Map<?, ?> map) {
            if (!path.isEmpty() && structure.atomicMap(path)) {
                found.add(told);
            }
            map.forEach((k, v) -> whole(v, FieldSet.below(path, "f:" + k), told + "." + k, structure, found));
        } else if (tree instanceof List<?> list) {
            if (structure.listKeys(path) == null) {
                found.add(told);
            }
            for (int i = 0; i < list.size(); i++) {
                whole(list.get(i), path, told + "[" + i + "]", structure, found);
            }
        }
    }

    /** An object from before anyone tracked is taken to be the work of one nameless manager. */
    private List<ManagedFields.Entry> known(Unstructured live) {
        List<ManagedFields.Entry> entries = ManagedFields.read(live);
        if (!entries.isEmpty()) {
            return entries;
        }
        FieldSet all = ManagedFields.owned(FieldSet.of(live.map(), "", structure), "", apart);
        return List.of(new ManagedFields.Entry("before-first-apply", "Update", live.apiVersion(), "", "", all));
    }

    /** What applying to the subresource may touch. */
    private Unstructured within(Unstructured intent, String subresource) {
        Unstructured part = intent.copy();
        if (subresource.isEmpty()) {
            return apart ? part.remove("status") : part;
        }
        if (subresource.equals("status")) {
            return part.remove("spec");
        }
        return part;
    }

    /** Of the places both speak of, those where applying would change the value: an empty map takes nothing away. */
    private FieldSet differing(FieldSet both, @Nullable Object live, @Nullable Object intent, String path) {
        Map<String, Object> tree = new LinkedHashMap<>();
        Map<String, @Nullable Object> old = FieldSet.parts(live, path, structure);
        Map<String, @Nullable Object> now = FieldSet.parts(intent, path, structure);
        both.children().forEach((element, set) -> {
            Object a = old.get(element);
            Object b = now.get(element);
            String below = FieldSet.below(path, element);
            if (set.isMember() && !granular(a, b, below) && !Objects.equals(a, b)) {
                tree.put(element, new LinkedHashMap<String, Object>());
            } else {
                FieldSet deeper = differing(set, a, b, below);
                if (!deeper.isEmpty()) {
                    tree.put(element, deeper.fieldsV1());
                }
            }
        });
        return tree.isEmpty() ? FieldSet.none() : FieldSet.parse(tree);
    }

    private Object merge(@Nullable Object live, Object intent, String path) {
        Map<String, @Nullable Object> old = FieldSet.parts(live, path, structure);
        Map<String, @Nullable Object> now = FieldSet.parts(intent, path, structure);
        if (!granular(live, intent, path)) {
            return withoutNulls(intent);
        }
        // The intent's order where it names everything there is, else the order that is there.
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        if (intent instanceof List<?> && now.keySet().containsAll(old.keySet())) {
            now.keySet().forEach(k -> all.put(k, old.get(k)));
        } else {
            all.putAll(old);
        }
        now.forEach((element, value) -> {
            if (value != null) {
                all.put(element, merge(old.get(element), value, FieldSet.below(path, element)));
            }
        });
        return assembled(all, intent instanceof Map<?, ?>);
    }

    /** Whether both are maps, or lists, that merge element by element. */
    private boolean granular(@Nullable Object live, @Nullable Object intent, String path) {
        return intent instanceof Map<?, ?>
                ? live instanceof Map<?, ?> && !structure.atomicMap(path)
                : intent instanceof List<?> && live instanceof List<?> && structure.listKeys(path) != null;
    }

    private static Object assembled(Map<String, @Nullable Object> parts, boolean map) {
        if (!map) {
            return new ArrayList<>(parts.values());
        }
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        parts.forEach((element, value) -> result.put(element.substring(2), value));
        return result;
    }

    /** A null in an intent says nothing. */
    private static Object withoutNulls(Object tree) {
        return switch (tree) {
            case Map<?, ?> map -> {
                Map<String, Object> copy = new LinkedHashMap<>();
                map.forEach((k, v) -> {
                    if (v != null) {
                        copy.put((String) k, withoutNulls(v));
                    }
                });
                yield copy;
            }
            case List<?> list -> {
                List<@Nullable Object> copy = new ArrayList<>();
                list.forEach(v -> copy.add(v == null ? null : withoutNulls(v)));
                yield copy;
            }
            default -> tree;
        };
    }

    /** Takes out what {@code gone} names; an element goes with all it has, unless someone else owns a part of it. */
    private @Nullable Object remove(@Nullable Object tree, FieldSet gone, FieldSet others, String path) {
        Map<String, @Nullable Object> parts = FieldSet.parts(tree, path, structure);
        if (gone.children().isEmpty() || parts.isEmpty()) {
            return tree;
        }
        gone.children().forEach((element, set) -> {
            if (!parts.containsKey(element)) {
                return;
            }
            FieldSet kept = Objects.requireNonNullElseGet(others.children().get(element), FieldSet::none);
            if (set.isMember() && kept.isEmpty()) {
                parts.remove(element);
                return;
            }
            Object rest = remove(parts.get(element), set, kept, FieldSet.below(path, element));
            boolean emptied = rest instanceof Map<?, ?> m && m.isEmpty() || rest instanceof List<?> l && l.isEmpty();
            if (emptied && kept.isEmpty()) {
                parts.remove(element);
            } else {
                parts.put(element, rest);
            }
        });
        return assembled(parts, tree instanceof Map<?, ?>);
    }

    @SuppressWarnings("unchecked")
    private static Unstructured object(@Nullable Object tree) {
        return new Unstructured(Json.copy((Map<String, Object>) Objects.requireNonNull(tree)));
    }

    private static String described(ManagedFields.Entry e) {
        String text = "\"" + e.manager() + "\"";
        if (!e.subresource().isEmpty()) {
            text += " with subresource \"" + e.subresource() + "\"";
        }
        return e.operation().equals("Update") ? text + " using " + e.apiVersion() : text;
    }

    private static StatusException refusal(Map<String, FieldSet> conflicts) {
        List<Object> causes = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        int[] count = {0};
        conflicts.forEach((who, set) -> {
            List<String> paths = set.paths();
            count[0] += paths.size();
            for (String path : paths) {
                Map<String, Object> cause = new LinkedHashMap<>();
                cause.put("reason", "FieldManagerConflict");
                cause.put("message", "conflict with " + who);
                cause.put("field", path);
                causes.add(cause);
            }
            lines.add(
                    paths.size() == 1
                            ? "conflict with " + who + ": " + paths.getFirst()
                            : "conflicts with " + who + ":\n- " + String.join("\n- ", paths));
        });
        String head = "Apply failed with " + count[0] + (count[0] == 1 ? " conflict: " : " conflicts: ");
        Unstructured details = new Unstructured(new LinkedHashMap<>()).set(causes, "causes");
        return new StatusException(409, "Conflict", head + String.join("\n", lines), details);
    }
}
