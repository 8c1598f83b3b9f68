package dev.coracle.flowforge.api;

import dev.coracle.flowforge.Log;
import dev.coracle.flowforge.Settings;
import dev.coracle.flowforge.queue.Task;
import dev.coracle.flowforge.queue.TaskQueue;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.json.Json;
import io.javalin.Javalin;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Every path of the api-service, in one screen. */
final class Routes {
    private final TaskQueue queue;
    private final Settings settings;
    private final Clock clock;
    private final Log log;
    private final Metrics metrics = new Metrics();

    Routes(TaskQueue queue, Settings settings, Clock clock, Log log) {
        this.queue = queue;
        this.settings = settings;
        this.clock = clock;
        this.log = log;
    }

    Javalin server() {
        return Javalin.create(c -> {
            c.startup.showJavalinBanner = false;
            c.concurrency.useVirtualThreads = true;
            c.http.maxRequestSize = 1 << 20;
            c.jetty.modifyServer(s -> s.setStopTimeout(10_000));
            c.routes.before("/api/*", this::authenticate);
            c.routes.before(ctx -> ctx.attribute("began", clock.nanos()));
            c.routes.after(this::finished);
            c.routes.get("/health", ctx -> ctx.result("ok"));
            c.routes.get("/ready", this::ready);
            c.routes.get(
                    "/metrics",
                    ctx -> ctx.contentType("text/plain; version=0.0.4").result(metrics.text()));
            c.routes.get(
                    "/openapi.json", ctx -> ctx.contentType("application/json").result(openApi()));
            c.routes.get(
                    "/api/version",
                    ctx -> json(ctx, 200, Map.of("version", settings.version(), "pod", settings.instance())));
            c.routes.get("/api/stats", ctx -> json(ctx, 200, queue.stats()));
            c.routes.post("/api/tasks", this::add);
            c.routes.get("/api/tasks", this::list);
            c.routes.get("/api/tasks/{id}", ctx -> answer(ctx, 200, find(ctx)));
            c.routes.post("/api/tasks/{id}/cancel", ctx -> transition(ctx, queue.cancel(id(ctx)), "queued"));
            c.routes.post("/api/tasks/{id}/retry", ctx -> transition(ctx, queue.retry(id(ctx)), "dead or cancelled"));
            c.routes.exception(
                    IllegalArgumentException.class, (e, ctx) -> error(ctx, 400, String.valueOf(e.getMessage())));
            c.routes.exception(Exception.class, (e, ctx) -> {
                log.error("request failed", "path", ctx.path(), "error", String.valueOf(e.getMessage()));
                error(ctx, 503, "the queue is out of reach, try again");
            });
        });
    }

    private void authenticate(Context ctx) {
        String given = Optional.ofNullable(ctx.header("X-API-Key")).orElse("");
        boolean same = MessageDigest.isEqual(
                given.getBytes(StandardCharsets.UTF_8), settings.apiKey().getBytes(StandardCharsets.UTF_8));
        if (!same) {
            error(ctx, 401, "send the API key in the X-API-Key header");
            ctx.skipRemainingHandlers();
        }
    }

    private void finished(Context ctx) {
        int status = ctx.status().getCode();
        metrics.count(ctx.method().name(), status);
        long began = ctx.attribute("began") instanceof Long n ? n : clock.nanos();
        log.debug(
                "request",
                "method",
                ctx.method(),
                "path",
                ctx.path(),
                "status",
                status,
                "ms",
                clock.elapsed(began).toMillis());
    }

    private void ready(Context ctx) {
        try {
            queue.stats();
            ctx.result("ok");
        } catch (RuntimeException e) {
            error(ctx, 503, "the database is out of reach");
        }
    }

    private void add(Context ctx) {
        String key = Optional.ofNullable(ctx.header("Idempotency-Key")).orElse("");
        Task task = queue.add(TaskRequest.read(ctx.bodyAsBytes(), key));
        log.info("task queued", "task", task.id(), "type", task.type());
        ctx.header("Location", "/api/tasks/" + task.id());
        json(ctx, 201, task.json());
    }

    private void list(Context ctx) {
        int limit = number(ctx, "limit", 50, 1, 500);
        int offset = number(ctx, "offset", 0, 0, Integer.MAX_VALUE);
        List<Task> tasks = queue.list(ctx.queryParam("status"), ctx.queryParam("type"), limit, offset);
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("items", tasks.stream().map(Task::json).toList());
        if (tasks.size() == limit) {
            page.put("next", "/api/tasks?limit=" + limit + "&offset=" + (offset + limit));
        }
        json(ctx, 200, page);
    }

    private void transition(Context ctx, boolean done, String from) {
        Optional<Task> task = find(ctx);
        if (!done && task.isPresent()) {
            error(ctx, 409, "the task is " + task.get().status() + ", not " + from);
        } else {
            answer(ctx, 200, task);
        }
    }

    private Optional<Task> find(Context ctx) {
        return queue.find(id(ctx));
    }

    private static UUID id(Context ctx) {
        try {
            return UUID.fromString(ctx.pathParam("id"));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("id: not a UUID: " + ctx.pathParam("id"), e);
        }
    }

    private static int number(Context ctx, String name, int fallback, int min, int max) {
        String text = ctx.queryParam(name);
        try {
            int n = text == null ? fallback : Integer.parseInt(text);
            if (n >= min && n <= max) {
                return n;
            }
        } catch (NumberFormatException e) {
            // Falls through to the one message for all bad numbers.
        }
        throw new IllegalArgumentException(name + ": must be a whole number of at least " + min);
    }

    private void answer(Context ctx, int code, Optional<Task> task) {
        if (task.isPresent()) {
            json(ctx, code, task.get().json());
        } else {
            error(ctx, 404, "no task " + ctx.pathParam("id"));
        }
    }

    private void error(Context ctx, int code, String message) {
        json(ctx, code, Map.of("error", message));
    }

    private void json(Context ctx, int code, Object tree) {
        ctx.status(code)
                .header("X-FlowForge-Version", settings.version())
                .contentType("application/json")
                .result(Json.bytes(tree));
    }

    private static byte[] openApi() {
        try (InputStream in = Routes.class.getResourceAsStream("/dev/coracle/flowforge/openapi.json")) {
            if (in == null) {
                throw new IllegalStateException("openapi.json is not on the class path");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
