package dev.coracle.cli.lab;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.JsonPatch;
import java.util.List;
import java.util.Set;

/**
 * A JSON patch of one object.
 *
 * @param target {@code Deployment/web}
 */
record Change(String target, List<Object> operations) {
    private static final Set<String> FIELDS = Set.of("target", "patch");

    /** Those under {@code changes}. */
    static List<Change> listed(Entry e) {
        return e.entries("changes", FIELDS).stream().map(Change::of).toList();
    }

    private static Change of(Entry e) {
        if (!(e.fields().get("patch") instanceof List<?> operations)) {
            throw new IllegalArgumentException(e.where() + ": patch is missing");
        }
        return new Change(e.text("target"), List.copyOf(operations));
    }

    boolean isOf(Unstructured object) {
        return target.equals(object.kind() + "/" + object.name());
    }

    /** @return the object with all changes that are of it */
    static Unstructured all(List<Change> changes, Unstructured object) {
        Unstructured changed = object;
        for (Change c : changes) {
            if (c.isOf(object)) {
                Object tree = JsonPatch.apply(changed.map(), c.operations());
                changed = new Unstructured(Json.parseObject(Json.string(tree)));
            }
        }
        return changed;
    }
}
