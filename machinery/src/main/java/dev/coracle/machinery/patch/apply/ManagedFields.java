package dev.coracle.machinery.patch.apply;

import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code metadata.managedFields}: which manager set which fields, and how. */
public final class ManagedFields {
    /** {@code time} is RFC 3339, {@code subresource} {@code ""} for the object itself. */
    record Entry(
            String manager, String operation, String apiVersion, String subresource, String time, FieldSet fields) {
        boolean isApplyOf(String who, String sub) {
            return operation.equals("Apply") && manager.equals(who) && subresource.equals(sub);
        }

        Entry with(FieldSet rest) {
            return new Entry(manager, operation, apiVersion, subresource, time, rest);
        }
    }

    private static final List<String> OWNERLESS = List.of(
            "name",
            "namespace",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "selfLink",
            "uid",
            "clusterName",
            "generation",
            "managedFields",
            "resourceVersion",
            "generateName");

    private ManagedFields() {}

    /**
     * Notes in {@code after} what a write other than apply changed: its fields go to {@code manager}, whoever had them
     * before. Changes {@code after} alone.
     *
     * @param before the object as stored; null for a creation
     * @param subresource {@code ""}, {@code status}, {@code scale}…
     */
    public static void track(
            @Nullable Unstructured before,
            Unstructured after,
            String manager,
            String subresource,
            Structure structure,
            Instant now) {
        track(before, after, manager, subresource, structure, true, now);
    }

    /** @param apart whether the status is written through a subresource of its own */
    public static void track(
            @Nullable Unstructured before,
            Unstructured after,
            String manager,
            String subresource,
            Structure structure,
            boolean apart,
            Instant now) {
        List<Entry> entries = read(after);
        if (entries.isEmpty() && before != null && !after.has("metadata", "managedFields")) {
            entries = read(before);
        }
        Map<String, Object> old = before == null ? Map.of() : before.map();
        FieldSet changed = owned(FieldSet.changed(old, after.map(), "", structure), subresource, apart);
        FieldSet gone = FieldSet.of(old, "", structure).minus(FieldSet.of(after.map(), "", structure));
        List<Entry> next = new ArrayList<>();
        FieldSet own = changed;
        String time = changed.isEmpty() ? "" : Timestamps.format(now);
        for (Entry e : entries) {
            if (e.manager().equals(manager)
                    && e.operation().equals("Update")
                    && e.subresource().equals(subresource)
                    && e.apiVersion().equals(after.apiVersion())) {
                own = own.plus(e.fields().minus(gone));
                time = time.isEmpty() ? e.time() : time;
            } else {
                next.add(e.with(e.fields().minus(gone).minus(changed)));
            }
        }
        next.add(new Entry(manager, "Update", after.apiVersion(), subresource, time, own));
        write(after, next);
    }

    /** What can have an owner, in a write to the subresource: identity and bookkeeping cannot. */
    static FieldSet owned(FieldSet all, String subresource, boolean apart) {
        FieldSet set = all.without("f:apiVersion").without("f:kind");
        for (String field : OWNERLESS) {
            set = set.without("f:metadata", "f:" + field);
        }
        return switch (subresource) {
            case "" -> apart ? set.without("f:status") : set;
            case "status" -> set.without("f:spec");
            default -> set;
        };
    }

    static List<Entry> read(Unstructured object) {
        List<Entry> entries = new ArrayList<>();
        for (Unstructured m : object.objects("metadata", "managedFields")) {
            if (m.get("fieldsV1") instanceof Map<?, ?> fields && !fields.isEmpty()) {
                entries.add(new Entry(
                        m.string("manager"),
                        m.string("operation"),
                        m.apiVersion(),
                        m.string("subresource"),
                        m.string("time"),
                        FieldSet.parse(fields)));
            }
        }
        return entries;
    }

    /** Appliers first, then by time; who owns nothing is not listed. */
    static void write(Unstructured object, List<Entry> entries) {
        List<Object> list = new ArrayList<>();
        entries.stream()
                .filter(e -> !e.fields().isEmpty())
                .sorted(Comparator.comparing(Entry::operation)
                        .thenComparing(Entry::time)
                        .thenComparing(Entry::manager)
                        .thenComparing(Entry::subresource))
                .forEach(e -> {
                    Map<String, Object> m = new LinkedHashMap<>();
                    m.put("manager", e.manager());
                    m.put("operation", e.operation());
                    m.put("apiVersion", e.apiVersion());
                    if (!e.time().isEmpty()) {
                        m.put("time", e.time());
                    }
                    m.put("fieldsType", "FieldsV1");
                    m.put("fieldsV1", e.fields().fieldsV1());
                    if (!e.subresource().isEmpty()) {
                        m.put("subresource", e.subresource());
                    }
                    list.add(m);
                });
        object.set(list.isEmpty() ? null : list, "metadata", "managedFields");
    }
}
