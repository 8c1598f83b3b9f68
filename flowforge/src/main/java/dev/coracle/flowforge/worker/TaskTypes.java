package dev.coracle.flowforge.worker;

import dev.coracle.machinery.env.Environment;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;

/** Everything the worker can do, in one screen. */
public final class TaskTypes {
    private TaskTypes() {}

    public static Map<String, TaskType> all(Environment environment, HttpClient http) {
        return Map.of(
                "echo", payload -> payload,
                "hash", TaskTypes::hash,
                "uppercase", payload -> Map.of("text", text(payload, "text").toUpperCase(Locale.ROOT)),
                "http", payload -> call(http, payload),
                "sleep", payload -> sleep(environment, payload),
                "fail",
                        payload -> {
                            throw new IllegalStateException(
                                    payload.get("message") instanceof String m ? m : "failing on demand");
                        });
    }

    /** {@code {"text": "…", "algorithm": "SHA-256"}} to {@code {"digest": "…"}}. */
    private static Object hash(Map<String, Object> payload) throws Exception {
        String algorithm = payload.get("algorithm") instanceof String a ? a : "SHA-256";
        byte[] digest = MessageDigest.getInstance(algorithm)
                .digest(text(payload, "text").getBytes(StandardCharsets.UTF_8));
        return Map.of("algorithm", algorithm, "digest", HexFormat.of().formatHex(digest));
    }

    /** {@code {"url": "http://…", "method": "GET", "body": "…"}}; a status of 400 or more is a failure. */
    private static Object call(HttpClient http, Map<String, Object> payload) throws Exception {
        String body = payload.get("body") instanceof String b ? b : "";
        HttpRequest request = HttpRequest.newBuilder(URI.create(text(payload, "url")))
                .timeout(Duration.ofSeconds(30))
                .method(
                        payload.get("method") instanceof String m ? m : "GET",
                        HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 400) {
            throw new IllegalStateException("the server answered " + response.statusCode());
        }
        String text = response.body();
        return Map.of(
                "status", (long) response.statusCode(), "body", text.length() > 4096 ? text.substring(0, 4096) : text);
    }

    private static Object sleep(Environment environment, Map<String, Object> payload) throws InterruptedException {
        long millis = payload.get("millis") instanceof Number n ? n.longValue() : 1000;
        environment.sleep(Duration.ofMillis(millis));
        return Map.of("slept", millis);
    }

    private static String text(Map<String, Object> payload, String field) {
        if (payload.get(field) instanceof String s) {
            return s;
        }
        throw new IllegalArgumentException("payload." + field + " must be a string");
    }
}
