package dev.coracle.flowforge.type;

import static dev.coracle.flowforge.type.Field.oneOf;
import static dev.coracle.flowforge.type.Field.text;
import static dev.coracle.flowforge.type.Field.url;
import static dev.coracle.flowforge.type.Field.whole;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Every type there is, in one screen. To add one, add it here: services, documentation and page follow. */
public final class TaskTypes {
    private static final List<TaskType> ALL = List.of(
            new TaskType(
                    "echo",
                    "Gives its payload back.",
                    List.of(),
                    true,
                    Map.of("hello", "world"),
                    (payload, t) -> payload),
            new TaskType(
                    "hash",
                    "The digest of a text, in hexadecimal.",
                    List.of(
                            text("text").needed(),
                            oneOf("algorithm", List.of("SHA-256", "SHA-384", "SHA-512", "SHA-1", "MD5"))),
                    false,
                    Map.of("text", "hello"),
                    (payload, tools) -> hash(payload)),
            new TaskType(
                    "uppercase",
                    "The text in capitals.",
                    List.of(text("text").needed()),
                    false,
                    Map.of("text", "hello"),
                    (payload, tools) ->
                            Map.of("text", string(payload, "text", "").toUpperCase(Locale.ROOT))),
            new TaskType(
                    "http",
                    "Calls a URL; an answer of 400 or more is a failure.",
                    List.of(
                            url("url").needed(),
                            oneOf("method", List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")),
                            text("body")),
                    false,
                    Map.of("url", "http://api-service/health"),
                    TaskTypes::call),
            new TaskType(
                    "sleep",
                    "Takes a while, a second unless told.",
                    List.of(whole("millis", 0, 600_000)),
                    false,
                    Map.of("millis", 3000L),
                    TaskTypes::sleep),
            new TaskType(
                    "fail",
                    "Fails at every attempt, for seeing retries and dead letters.",
                    List.of(text("message")),
                    false,
                    Map.of("message", "failing on demand"),
                    (payload, tools) -> {
                        throw new IllegalStateException(string(payload, "message", "failing on demand"));
                    }));

    private TaskTypes() {}

    public static List<TaskType> all() {
        return ALL;
    }

    public static Optional<TaskType> find(String name) {
        return ALL.stream().filter(t -> t.name().equals(name)).findFirst();
    }

    public static List<String> names() {
        return ALL.stream().map(TaskType::name).toList();
    }

    private static Object hash(Map<String, Object> payload) throws Exception {
        String algorithm = string(payload, "algorithm", "SHA-256");
        byte[] digest = MessageDigest.getInstance(algorithm)
                .digest(string(payload, "text", "").getBytes(StandardCharsets.UTF_8));
        return Map.of("algorithm", algorithm, "digest", HexFormat.of().formatHex(digest));
    }

    private static Object call(Map<String, Object> payload, Tools tools) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(string(payload, "url", "")))
                .timeout(Duration.ofSeconds(30))
                .method(
                        string(payload, "method", "GET"),
                        HttpRequest.BodyPublishers.ofString(string(payload, "body", "")))
                .build();
        HttpResponse<String> response = tools.http().send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 400) {
            throw new IllegalStateException("the server answered " + response.statusCode());
        }
        String text = response.body();
        return Map.of(
                "status", (long) response.statusCode(), "body", text.length() > 4096 ? text.substring(0, 4096) : text);
    }

    private static Object sleep(Map<String, Object> payload, Tools tools) throws InterruptedException {
        long millis = payload.get("millis") instanceof Number n ? n.longValue() : 1000;
        tools.environment().sleep(Duration.ofMillis(millis));
        return Map.of("slept", millis);
    }

    private static String string(Map<String, Object> payload, String field, String fallback) {
        return payload.get(field) instanceof String s ? s : fallback;
    }
}
