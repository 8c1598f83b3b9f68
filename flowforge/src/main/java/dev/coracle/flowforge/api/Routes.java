package dev.coracle.flowforge.api;

import static dev.coracle.flowforge.api.Route.keyed;
import static dev.coracle.flowforge.api.Route.open;
import static io.javalin.http.HandlerType.GET;
import static io.javalin.http.HandlerType.POST;

import dev.coracle.flowforge.Log;
import dev.coracle.flowforge.Settings;
import dev.coracle.flowforge.metrics.Exposition;
import dev.coracle.flowforge.metrics.HttpMetrics;
import dev.coracle.flowforge.metrics.QueueMetrics;
import dev.coracle.flowforge.queue.Task;
import dev.coracle.flowforge.queue.TaskQueue;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.json.Json;
import io.javalin.Javalin;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Every path of the api-service, in one screen. */
final class Routes {
    private final Settings settings;
    private final Log log;
    private final Exposition exposition = new Exposition();
    private final HttpMetrics http;
    private final TaskQueue queue;
    private final Tasks tasks;
    private final Key key;

    Routes(TaskQueue queue, Settings settings, Clock clock, Log log) {
        this.settings = settings;
        this.log = log;
        this.queue = queue;
        this.http = new HttpMetrics(exposition, clock);
        this.tasks = new Tasks(queue, new QueueMetrics(exposition, () -> Stats.byType(queue)), log);
        this.key = new Key(settings.apiKey());
    }

    private List<Route> all() {
        List<Route> all = new ArrayList<>();
        all.add(open(GET, "/api", "What you are reading", ctx -> json(ctx, Interface.describe(all, ctx))));
        all.add(keyed(POST, "/api/tasks", "Queue a task", tasks::add));
        all.add(keyed(GET, "/api/tasks", "List tasks, newest first: ?status= ?type= ?limit= ?offset=", tasks::list));
        all.add(keyed(GET, "/api/tasks/{id}", "One task", tasks::get));
        all.add(keyed(POST, "/api/tasks/{id}/cancel", "Cancel a queued task", tasks::cancel));
        all.add(keyed(POST, "/api/tasks/{id}/retry", "Queue a dead or cancelled task again", tasks::retry));
        all.add(keyed(GET, "/api/stats", "Counts by status and type, and the oldest waits", this::stats));
        all.add(keyed(GET, "/api/version", "Which version and pod answers", this::version));
        all.add(open(GET, "/openapi.json", "This interface for programs", this::openApi));
        all.add(open(GET, "/health", "Liveness", ctx -> ctx.result("ok")));
        all.add(open(GET, "/ready", "Readiness: the database is reachable", this::ready));
        all.add(open(GET, "/metrics", "Prometheus metrics, inside the cluster", exposition::answer));
        all.addAll(Page.routes());
        return all;
    }

    Javalin server() {
        return Javalin.create(c -> {
            c.startup.showJavalinBanner = false;
            c.concurrency.useVirtualThreads = true;
            c.http.maxRequestSize = 1 << 20;
            c.http.prefer405over404 = true;
            c.jetty.modifyServer(s -> s.setStopTimeout(10_000));
            http.observe(c, this::answered);
            for (Route route : all()) {
                c.routes.addHttpHandler(route.method(), route.path(), ctx -> serve(route, ctx));
            }
            new Failures(log).register(c.routes);
        });
    }

    private void serve(Route route, Context ctx) throws Exception {
        ctx.header("X-FlowForge-Version", settings.version());
        if (route.open() || key.opens(ctx.header("X-API-Key"))) {
            route.handler().handle(ctx);
        } else {
            Failures.answer(ctx, 401, "send the API key in the X-API-Key header", Map.of());
        }
    }

    private void answered(Context ctx, Duration took) {
        log.debug(
                "request",
                "method",
                ctx.method(),
                "path",
                ctx.path(),
                "status",
                ctx.status().getCode(),
                "ms",
                took.toMillis());
    }

    private void ready(Context ctx) {
        try {
            queue.ping();
            ctx.result("ok");
        } catch (RuntimeException e) {
            Failures.answer(ctx, 503, "the database is out of reach", Map.of());
        }
    }

    private void stats(Context ctx) {
        json(ctx, Stats.json(Stats.byType(queue)));
    }

    private void version(Context ctx) {
        json(ctx, Map.of("version", settings.version(), "pod", settings.instance()));
    }

    private void openApi(Context ctx) {
        ctx.contentType("application/json").result(Interface.openApi());
    }

    static void json(Context ctx, Object tree) {
        ctx.contentType("application/json").result(Json.bytes(tree));
    }

    /** A task, as all paths show it. */
    static void json(Context ctx, Task task) {
        json(ctx, task.json());
    }
}
