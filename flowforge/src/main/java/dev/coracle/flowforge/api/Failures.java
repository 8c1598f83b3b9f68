package dev.coracle.flowforge.api;

import dev.coracle.flowforge.Log;
import dev.coracle.flowforge.type.BadField;
import dev.coracle.flowforge.type.TaskTypes;
import dev.coracle.machinery.json.Json;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jdbi.v3.core.JdbiException;

/** How a request is answered that cannot be done: always with JSON, {@code error} saying why and {@code field} where. */
final class Failures {
    private final Log log;

    Failures(Log log) {
        this.log = log;
    }

    void register(RoutesConfig routes) {
        routes.exception(BadField.class, (e, ctx) -> answer(ctx, 400, message(e), Map.of("field", e.field())));
        routes.exception(
                UnknownType.class,
                (e, ctx) -> answer(ctx, 400, message(e), Map.of("field", "type", "types", TaskTypes.names())));
        routes.exception(IllegalArgumentException.class, (e, ctx) -> answer(ctx, 400, message(e), Map.of()));
        routes.exception(MethodNotAllowedResponse.class, (e, ctx) -> {
            // Its details are nothing but the methods that there are.
            String allowed = String.join(", ", e.getDetails().values());
            ctx.header("Allow", allowed);
            answer(ctx, 405, "this path takes " + allowed, Map.of());
        });
        routes.exception(HttpResponseException.class, (e, ctx) -> {
            String message = e.getStatus() == 404 ? "no such path; /api lists those there are" : message(e);
            answer(ctx, e.getStatus(), message, Map.of());
        });
        routes.exception(JdbiException.class, (e, ctx) -> {
            log.error("request failed", "path", ctx.path(), "error", message(e));
            ctx.header("Retry-After", "1");
            answer(ctx, 503, "the queue is out of reach, try again", Map.of());
        });
        routes.exception(Exception.class, (e, ctx) -> {
            log.error("request failed", "path", ctx.path(), "error", e);
            answer(ctx, 500, "something went wrong; the log of the api-service says what", Map.of());
        });
    }

    static void answer(Context ctx, int code, String message, Map<String, Object> more) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", message);
        body.putAll(more);
        ctx.status(code).contentType("application/json").result(Json.bytes(body));
    }

    private static String message(Exception e) {
        return String.valueOf(e.getMessage());
    }
}
