package dev.coracle.flowforge.api;

import dev.coracle.flowforge.type.TaskType;
import dev.coracle.flowforge.type.TaskTypes;
import dev.coracle.machinery.json.Json;
import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What the service can do, told at {@code /api} for people and at {@code /openapi.json} for programs. */
final class Interface {
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.:\\[\\]-]+");

    private Interface() {}

    static Map<String, Object> describe(List<Route> routes, Context ctx) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("name", "FlowForge");
        m.put("purpose", "A task queue on PostgreSQL: post a task, a worker does it, read the result.");
        m.put("key", "Send the API key in the header X-API-Key where a path says so.");
        m.put(
                "paths",
                routes.stream()
                        .filter(r -> !r.purpose().isEmpty())
                        .map(Interface::path)
                        .toList());
        m.put("taskTypes", TaskTypes.all().stream().map(TaskType::json).toList());
        m.put("example", example(ctx));
        return m;
    }

    private static Map<String, Object> path(Route route) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("method", route.method().name());
        m.put("path", route.path());
        m.put("purpose", route.purpose());
        m.put("key", !route.open());
        return m;
    }

    /** To be pasted into a shell. What a client says that it asked for goes into it only if it can be nothing else. */
    private static String example(Context ctx) {
        String host = ctx.header("Host");
        String scheme = "https".equals(ctx.header("X-Forwarded-Proto")) ? "https" : "http";
        return "curl -H \"X-API-Key: $API_KEY\" -H 'Content-Type: application/json' -d '{\"type\":\"hash\",\"payload\":{\"text\":\"hello\"}}' "
                + scheme + "://" + (host != null && HOST.matcher(host).matches() ? host : "localhost:8080")
                + "/api/tasks";
    }

    /** The file, with the types that there are. */
    static byte[] openApi() {
        Map<String, Object> document = Json.parseObject(ClassPath.read("openapi.json"));
        type(document).put("enum", TaskTypes.names());
        return Json.bytes(document);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> type(Map<String, Object> document) {
        Object at = document;
        for (String step : List.of("components", "schemas", "NewTask", "properties", "type")) {
            at = ((Map<String, Object>) at).get(step);
            if (at == null) {
                throw new IllegalStateException("openapi.json has no " + step);
            }
        }
        return (Map<String, Object>) at;
    }
}
