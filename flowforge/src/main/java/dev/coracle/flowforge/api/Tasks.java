package dev.coracle.flowforge.api;

import dev.coracle.flowforge.Log;
import dev.coracle.flowforge.metrics.QueueMetrics;
import dev.coracle.flowforge.queue.Added;
import dev.coracle.flowforge.queue.NewTask;
import dev.coracle.flowforge.queue.Task;
import dev.coracle.flowforge.queue.TaskQueue;
import dev.coracle.flowforge.type.BadField;
import dev.coracle.flowforge.type.TaskTypes;
import io.javalin.http.Context;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What can be done with tasks over HTTP. */
final class Tasks {
    private final TaskQueue queue;
    private final QueueMetrics metrics;
    private final Log log;

    Tasks(TaskQueue queue, QueueMetrics metrics, Log log) {
        this.queue = queue;
        this.metrics = metrics;
        this.log = log;
    }

    /**
     * 201 for a task that is new. The same request under the same key is 200 with the first one's task: a client that
     * never got its answer asks again and learns how far it is. The key with another request is a fault of the client, which
     * would otherwise take the first task for its second; 422, as draft-ietf-httpapi-idempotency-key-header has it, and not
     * 409, which there means that the first request is still being worked on and that trying again helps.
     */
    void add(Context ctx) {
        String key = Optional.ofNullable(ctx.header("Idempotency-Key")).orElse("");
        NewTask asked = TaskRequest.read(ctx.bodyAsBytes(), key);
        Added added = queue.add(asked);
        Task task = added.task();
        switch (added.outcome()) {
            case QUEUED -> {
                log.info("task queued", "task", task.id(), "type", task.type());
                ctx.status(201);
            }
            case REPEATED -> ctx.status(200).header("Idempotent-Replayed", "true");
            case KEY_TAKEN -> {
                Failures.answer(
                        ctx,
                        422,
                        "idempotencyKey: it was used before for another request; send that one again, or this one with a"
                                + " new key",
                        Map.of("field", "idempotencyKey", "task", task.id().toString()));
                return;
            }
        }
        ctx.header("Location", "/api/tasks/" + task.id());
        Routes.json(ctx, task);
    }

    void list(Context ctx) {
        int limit = number(ctx, "limit", 50, 1, 500);
        int offset = number(ctx, "offset", 0, 0, Integer.MAX_VALUE - 500);
        String status = ctx.queryParam("status");
        if (status != null && !Task.STATUSES.contains(status)) {
            throw new BadField("status", "must be one of " + String.join(", ", Task.STATUSES));
        }
        String type = ctx.queryParam("type");
        if (type != null && TaskTypes.find(type).isEmpty()) {
            throw new UnknownType(type);
        }
        List<Task> tasks = queue.list(status, type, limit, offset);
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("items", tasks.stream().map(Task::json).toList());
        if (tasks.size() == limit) {
            page.put(
                    "next",
                    "/api/tasks?limit=" + limit + "&offset=" + (offset + limit) + filter("status", status)
                            + filter("type", type));
        }
        Routes.json(ctx, page);
    }

    void get(Context ctx) {
        answer(ctx, queue.find(id(ctx)));
    }

    void cancel(Context ctx) {
        UUID id = id(ctx);
        if (queue.cancel(id)) {
            answer(ctx, queue.find(id));
        } else {
            refuse(ctx, queue.find(id), "queued");
        }
    }

    void retry(Context ctx) {
        UUID id = id(ctx);
        Optional<Task> task = queue.find(id);
        if (task.isPresent() && TaskTypes.find(task.get().type()).isEmpty()) {
            // It would wait for ever, for no worker takes it.
            Failures.answer(ctx, 409, "there are no tasks of type " + task.get().type() + " any more", Map.of());
        } else if (queue.retry(id)) {
            task.ifPresent(t -> metrics.revived(t.type()));
            answer(ctx, queue.find(id));
        } else {
            refuse(ctx, queue.find(id), "dead or cancelled");
        }
    }

    private static void answer(Context ctx, Optional<Task> task) {
        if (task.isPresent()) {
            Routes.json(ctx, task.get());
        } else {
            Failures.answer(ctx, 404, "no task " + ctx.pathParam("id"), Map.of());
        }
    }

    private static void refuse(Context ctx, Optional<Task> task, String from) {
        if (task.isPresent()) {
            Failures.answer(ctx, 409, "the task is " + task.get().status() + ", not " + from, Map.of());
        } else {
            answer(ctx, task);
        }
    }

    private static String filter(String name, @org.jspecify.annotations.Nullable String value) {
        return value == null ? "" : "&" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static UUID id(Context ctx) {
        try {
            return UUID.fromString(ctx.pathParam("id"));
        } catch (IllegalArgumentException e) {
            throw new BadField("id", "not a UUID: " + ctx.pathParam("id"));
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
        throw new BadField(name, "must be a whole number from " + min + " to " + max);
    }
}
