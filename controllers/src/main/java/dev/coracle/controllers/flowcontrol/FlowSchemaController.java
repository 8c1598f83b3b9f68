package dev.coracle.controllers.flowcontrol;

import dev.coracle.client.Client;
import dev.coracle.client.Informer;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the condition {@code Dangling}, and insists on it: whoever writes another finds it written over, though not more
 * than six times a minute, lest two that disagree keep a server busy. Upstream's API servers do this themselves, so it is
 * none of those that can be left out; it acts under their name.
 */
public final class FlowSchemaController implements Controller, Reconciler {
    private static final WriteOptions APPLY =
            new WriteOptions("status", "api-priority-and-fairness-config-consumer-v1", true, false);
    private static final String BY_LEVEL = "level";
    private static final int MOST = 6;
    private static final Duration WHILE = Duration.ofMinutes(1);

    private final Client client;
    private final Clock clock;
    private final ControllerContext world;
    private final Informer schemas;
    private final Informer levels;
    private final Loop loop;
    /** When each schema was written within the last minute; the queue's one worker's. */
    private final Map<ObjectKey, Deque<Instant>> written = new HashMap<>();

    public FlowSchemaController(ControllerContext world) {
        this.world = world;
        this.client = world.client();
        this.clock = world.environment().clock();
        this.loop = new Loop(world, "priority_and_fairness_config_queue", 1);
        this.schemas = loop.reconciles(Resources.FLOW_SCHEMAS);
        schemas.index(BY_LEVEL, r -> List.of(level(r.object())));
        this.levels = loop.watches(
                Resources.PRIORITY_LEVEL_CONFIGURATIONS,
                (before, after) -> before != null && after != null ? List.of() : naming(before, after));
        loop.start(this);
    }

    private List<ObjectKey> naming(@Nullable Revision before, @Nullable Revision after) {
        Revision level = after != null ? after : before;
        return level == null
                ? List.of()
                : schemas.byIndex(BY_LEVEL, level.name()).stream()
                        .map(Revision::key)
                        .toList();
    }

    private static String level(Unstructured schema) {
        return schema.string("spec", "priorityLevelConfiguration", "name");
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured schema = schemas.get(key).map(Revision::object).orElse(null);
        if (schema == null) {
            written.remove(key);
            return Result.DONE;
        }
        boolean dangling = levels.get("", level(schema)).isEmpty();
        String status = dangling ? "True" : "False";
        String reason = dangling ? "NotFound" : "Found";
        String message = "This FlowSchema references the PriorityLevelConfiguration object named \"" + level(schema)
                + "\" " + (dangling ? "but there is no such object" : "and it exists");
        Unstructured now = Conditions.find(schema, "Dangling").orElse(new Unstructured(new LinkedHashMap<>()));
        if (now.string("status").equals(status)
                && now.string("reason").equals(reason)
                && now.string("message").equals(message)) {
            return Result.DONE;
        }
        Instant time = clock.now();
        Deque<Instant> lately = written.computeIfAbsent(key, k -> new ArrayDeque<>());
        while (!lately.isEmpty() && lately.getFirst().isBefore(time.minus(WHILE))) {
            lately.removeFirst();
        }
        if (lately.size() >= MOST) {
            return Result.after(
                    Duration.ofSeconds(30 + world.environment().entropy().nextInt(45)));
        }
        lately.add(time);
        Unstructured intent = Unstructured.of(schema.apiVersion(), schema.kind(), "", schema.name())
                // Not of another schema of this name, which nobody has looked at.
                .set(schema.uid(), "metadata", "uid")
                .add(
                        new Unstructured(new LinkedHashMap<>())
                                .set("Dangling", "type")
                                .set(status, "status")
                                .set(time, "lastTransitionTime")
                                .set(reason, "reason")
                                .set(message, "message"),
                        "status",
                        "conditions");
        client.patch(Resources.FLOW_SCHEMAS, "", schema.name(), Patch.apply(intent), APPLY);
        return Result.DONE;
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
