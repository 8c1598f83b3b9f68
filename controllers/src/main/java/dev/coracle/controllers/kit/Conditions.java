package dev.coracle.controllers.kit;

import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reading and setting {@code status.conditions}. */
public final class Conditions {
    private Conditions() {}

    public static Optional<Unstructured> find(Unstructured object, String type) {
        return find(object.objects("status", "conditions"), type);
    }

    public static Optional<Unstructured> find(List<Unstructured> conditions, String type) {
        return conditions.stream().filter(c -> c.string("type").equals(type)).findFirst();
    }

    public static boolean isTrue(Unstructured object, String type) {
        // Asked of every pod of a large set at every change of one: without views of what is only looked at.
        if (object.get("status", "conditions") instanceof List<?> conditions) {
            for (Object c : conditions) {
                if (c instanceof Map<?, ?> m && type.equals(m.get("type"))) {
                    return "True".equals(m.get("status"));
                }
            }
        }
        return false;
    }

    /** Those of an object, to be changed. */
    public static List<Unstructured> of(Unstructured object) {
        return object.copy().objects("status", "conditions");
    }

    /**
     * Sets a condition in its place, or at the end. {@code lastTransitionTime} moves with the status alone; where nothing
     * differs nothing changes.
     *
     * @param conditions as {@link #of} gives them
     * @return the condition, for fields that only its kind has
     */
    public static Unstructured set(
            List<Unstructured> conditions, String type, String status, String reason, String message, Instant now) {
        Unstructured c = find(conditions, type).orElse(null);
        if (c == null) {
            c = new Unstructured(new LinkedHashMap<>()).set(type, "type");
            conditions.add(c);
        }
        if (!c.string("status").equals(status)) {
            c.set(status, "status").set(now, "lastTransitionTime");
        }
        return c.set(reason.isEmpty() ? null : reason, "reason").set(message.isEmpty() ? null : message, "message");
    }
}
