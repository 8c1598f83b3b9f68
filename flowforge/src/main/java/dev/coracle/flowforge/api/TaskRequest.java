package dev.coracle.flowforge.api;

import dev.coracle.flowforge.queue.NewTask;
import dev.coracle.flowforge.queue.Storable;
import dev.coracle.flowforge.type.BadField;
import dev.coracle.flowforge.type.TaskType;
import dev.coracle.flowforge.type.TaskTypes;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the body of {@code POST /api/tasks}; a fault names its field. */
final class TaskRequest {
    private static final Set<String> FIELDS =
            Set.of("type", "payload", "priority", "delaySeconds", "maxAttempts", "idempotencyKey");

    private static final int MAX_KEY = 255;

    private TaskRequest() {}

    /**
     * @param idempotencyHeader what {@code Idempotency-Key} says, empty without one
     * @throws IllegalArgumentException with a message for the client
     */
    static NewTask read(byte[] body, String idempotencyHeader) {
        Map<String, Object> m;
        try {
            m = Json.parseObject(body);
        } catch (MalformedJsonException e) {
            throw new IllegalArgumentException("the body must be a JSON object: " + e.getMessage(), e);
        }
        for (String field : m.keySet()) {
            if (!FIELDS.contains(field)) {
                throw new BadField(field, "unknown field");
            }
        }
        TaskType type = type(m.get("type"));
        return new NewTask(
                type.name(),
                payload(m.get("payload"), type),
                number(m, "priority", 0, -1000, 1000),
                Duration.ofSeconds(number(m, "delaySeconds", 0, 0, 365 * 24 * 3600)),
                number(m, "maxAttempts", 5, 1, 100),
                key(m.get("idempotencyKey"), idempotencyHeader));
    }

    /** Refused here, because a worker could do no more than fail, time and again. */
    private static TaskType type(@Nullable Object value) {
        if (!(value instanceof String name) || name.isBlank()) {
            throw new BadField("type", "required, one of " + String.join(", ", TaskTypes.names()));
        }
        return TaskTypes.find(name).orElseThrow(() -> new UnknownType(name));
    }

    private static Map<?, ?> payload(@Nullable Object value, TaskType type) {
        Object payload = value == null ? Map.of() : value;
        if (!(payload instanceof Map<?, ?> map)) {
            throw new BadField("payload", "must be an object");
        }
        String fault = Storable.fault("payload", map);
        if (fault != null) {
            throw new BadField(
                    fault, "cannot be stored: it holds the character NUL, half a surrogate pair or too large a number");
        }
        type.check(map);
        return map;
    }

    /** In the header, as the IETF's draft has it, or in the body, for clients that set no headers. */
    private static @Nullable String key(@Nullable Object inBody, String header) {
        if (inBody == null && header.isEmpty()) {
            return null;
        }
        Object key = inBody == null ? header : inBody;
        if (!(key instanceof String text) || text.isBlank() || text.length() > MAX_KEY || !Storable.text(text)) {
            throw new BadField("idempotencyKey", "must be a string of 1 to " + MAX_KEY + " characters");
        }
        if (!header.isEmpty() && !header.equals(text)) {
            throw new BadField("idempotencyKey", "differs from the header Idempotency-Key");
        }
        return text;
    }

    private static int number(Map<String, Object> m, String field, int fallback, int min, int max) {
        Object v = m.get(field);
        if (v == null) {
            return fallback;
        }
        if (v instanceof Long n && n >= min && n <= max) {
            return n.intValue();
        }
        throw new BadField(field, "must be a whole number from " + min + " to " + max);
    }
}
