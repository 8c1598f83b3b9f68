package dev.coracle.flowforge.api;

import dev.coracle.flowforge.queue.NewTask;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the body of {@code POST /api/tasks}; a fault names its field. */
final class TaskRequest {
    private static final Set<String> FIELDS =
            Set.of("type", "payload", "priority", "delaySeconds", "maxAttempts", "idempotencyKey");

    private TaskRequest() {}

    /** @throws IllegalArgumentException with a message for the client */
    static NewTask read(byte[] body, String idempotencyHeader) {
        Map<String, Object> m;
        try {
            m = Json.parseObject(body);
        } catch (MalformedJsonException e) {
            throw new IllegalArgumentException("the body must be a JSON object: " + e.getMessage(), e);
        }
        List<String> unknown =
                m.keySet().stream().filter(k -> !FIELDS.contains(k)).toList();
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("unknown field \"" + unknown.getFirst() + "\"");
        }
        if (!(m.get("type") instanceof String type) || type.isBlank()) {
            throw new IllegalArgumentException("type: required, a string");
        }
        Object payload = m.getOrDefault("payload", Map.of());
        if (!(payload instanceof Map)) {
            throw new IllegalArgumentException("payload: must be an object");
        }
        Object key = m.get("idempotencyKey") == null
                ? (idempotencyHeader.isEmpty() ? null : idempotencyHeader)
                : m.get("idempotencyKey");
        if (key != null && !(key instanceof String)) {
            throw new IllegalArgumentException("idempotencyKey: must be a string");
        }
        return new NewTask(
                type,
                payload,
                number(m, "priority", 0, -1000, 1000),
                Duration.ofSeconds(number(m, "delaySeconds", 0, 0, 365 * 24 * 3600)),
                number(m, "maxAttempts", 5, 1, 100),
                (String) key);
    }

    private static int number(Map<String, Object> m, String field, int fallback, int min, int max) {
        Object v = m.get(field);
        if (v == null) {
            return fallback;
        }
        if (v instanceof Long n && n >= min && n <= max) {
            return n.intValue();
        }
        throw new IllegalArgumentException(field + ": must be a whole number from " + min + " to " + max);
    }
}
