package dev.coracle.apiserver.builtin.autoscaling;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * {@code autoscaling/v1} knows but one metric, the CPU. What else there is it carries in annotations, so that who reads an
 * autoscaler by that version and writes it back loses nothing.
 */
final class OldAutoscalers {
    private static final String PREFIX = "autoscaling.alpha.kubernetes.io/";
    private static final String METRICS = PREFIX + "metrics";
    private static final String CURRENT_METRICS = PREFIX + "current-metrics";
    private static final String CONDITIONS = PREFIX + "conditions";
    private static final String BEHAVIOR = PREFIX + "behavior";

    private OldAutoscalers() {}

    // ---- newer to older

    static Unstructured served(Unstructured o) {
        dropCarried(o);
        List<Unstructured> metrics = o.objects("spec", "metrics");
        metrics.stream()
                .filter(m -> m.string("type").equals("Resource")
                        && m.string("resource", "name").equals("cpu"))
                .findFirst()
                .ifPresent(m -> o.set(
                        m.get("resource", "target", "averageUtilization"), "spec", "targetCPUUtilizationPercentage"));
        carry(
                o,
                METRICS,
                metrics.stream()
                        .filter(m -> !Metrics.isCpuUtilization(m, "target"))
                        .map(m -> OldMetrics.older(m, "target").map())
                        .toList());
        List<Unstructured> current = o.objects("status", "currentMetrics");
        current.stream()
                .filter(m -> Metrics.isCpuUtilization(m, "current"))
                .forEach(m -> o.set(
                        m.get("resource", "current", "averageUtilization"),
                        "status",
                        "currentCPUUtilizationPercentage"));
        carry(
                o,
                CURRENT_METRICS,
                current.stream().map(m -> OldMetrics.older(m, "current").map()).toList());
        carry(o, CONDITIONS, o.get("status", "conditions"));
        carry(o, BEHAVIOR, renamed(o.get("spec", "behavior"), OldAutoscalers::capital));
        o.remove("spec", "metrics").remove("spec", "behavior");
        o.remove("status", "currentMetrics").remove("status", "conditions");
        return o.set(HorizontalPodAutoscalers.v1().apiVersion(), "apiVersion");
    }

    private static void carry(Unstructured o, String annotation, @Nullable Object value) {
        if (value != null && !(value instanceof List<?> l && l.isEmpty())) {
            o.set(Json.string(value), "metadata", "annotations", annotation);
        }
    }

    private static void dropCarried(Unstructured o) {
        for (String annotation : List.of(METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR)) {
            o.remove("metadata", "annotations", annotation);
        }
        if (o.has("metadata", "annotations") && o.annotations().isEmpty()) {
            o.remove("metadata", "annotations");
        }
    }

    // ---- older to newer

    static Unstructured stored(Unstructured o) {
        List<Object> metrics = new ArrayList<>();
        for (Unstructured m : carriedList(o, METRICS)) {
            metrics.add(OldMetrics.newer(m, "target"));
        }
        if (o.has("spec", "targetCPUUtilizationPercentage")) {
            metrics.add(Metrics.cpu(o.integer(0, "spec", "targetCPUUtilizationPercentage")));
        }
        if (!metrics.isEmpty()) {
            o.set(metrics, "spec", "metrics");
        }
        if (carried(o, BEHAVIOR) instanceof Map<?, ?> behavior && !behavior.isEmpty()) {
            o.set(renamed(behavior, OldAutoscalers::small), "spec", "behavior");
        }
        List<Object> current = new ArrayList<>();
        for (Unstructured m : carriedList(o, CURRENT_METRICS)) {
            current.add(OldMetrics.newer(m, "current"));
        }
        if (current.isEmpty() && o.has("status", "currentCPUUtilizationPercentage")) {
            current.add(new Unstructured(new LinkedHashMap<>())
                    .set("Resource", "type")
                    .set("cpu", "resource", "name")
                    .set(
                            o.integer(0, "status", "currentCPUUtilizationPercentage"),
                            "resource",
                            "current",
                            "averageUtilization"));
        }
        if (!current.isEmpty()) {
            o.set(current, "status", "currentMetrics");
        }
        if (carried(o, CONDITIONS) instanceof List<?> conditions && !conditions.isEmpty()) {
            o.set(conditions, "status", "conditions");
        }
        o.remove("spec", "targetCPUUtilizationPercentage").remove("status", "currentCPUUtilizationPercentage");
        dropCarried(o);
        return o.set(HorizontalPodAutoscalers.DEFINITION.kind().apiVersion(), "apiVersion");
    }

    private static @Nullable Object carried(Unstructured o, String annotation) {
        String text = o.annotations().get(annotation);
        try {
            return text == null ? null : Json.parse(text.getBytes(StandardCharsets.UTF_8));
        } catch (MalformedJsonException e) {
            // As upstream: what a client broke is as good as absent.
            return null;
        }
    }

    @SuppressWarnings("unchecked")
    private static List<Unstructured> carriedList(Unstructured o, String annotation) {
        List<Unstructured> all = new ArrayList<>();
        if (carried(o, annotation) instanceof List<?> list) {
            for (Object item : list) {
                if (item instanceof Map<?, ?> m) {
                    all.add(new Unstructured((Map<String, Object>) m));
                }
            }
        }
        return all;
    }

    // ---- the behavior, whose fields upstream writes as its own code names them

    private static @Nullable Object renamed(@Nullable Object tree, UnaryOperator<String> name) {
        return switch (tree) {
            case Map<?, ?> map -> {
                Map<String, Object> out = new LinkedHashMap<>();
                map.forEach((k, v) -> {
                    Object value = renamed(v, name);
                    if (value != null) {
                        out.put(name.apply((String) k), value);
                    }
                });
                yield out;
            }
            case List<?> list -> list.stream().map(v -> renamed(v, name)).toList();
            case null, default -> tree;
        };
    }

    private static String capital(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    private static String small(String name) {
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }
}
