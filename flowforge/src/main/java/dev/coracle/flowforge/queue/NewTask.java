package dev.coracle.flowforge.queue;

import dev.coracle.machinery.json.Json;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** @param idempotencyKey posting the same key again answers the first task and adds none */
public record NewTask(
        String type,
        @Nullable Object payload,
        int priority,
        Duration delay,
        int maxAttempts,
        @Nullable String idempotencyKey) {

    /** The same for two requests that ask for the same, whatever the order of their fields and what they left out. */
    String fingerprint() {
        Object asked = Arrays.asList(type, sorted(payload), (long) priority, delay.toMillis(), (long) maxAttempts);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Json.bytes(asked)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static @Nullable Object sorted(@Nullable Object tree) {
        return switch (tree) {
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> sorted = new TreeMap<>();
                map.forEach((k, v) -> sorted.put(String.valueOf(k), sorted(v)));
                yield sorted;
            }
            case List<?> list -> list.stream().map(NewTask::sorted).toList();
            case null, default -> tree;
        };
    }
}
