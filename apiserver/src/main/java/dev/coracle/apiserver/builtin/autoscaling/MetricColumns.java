package dev.coracle.apiserver.builtin.autoscaling;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code cpu: 30%/80%, 1200m/2 (avg) + 1 more...}: what is, and what should be. */
final class MetricColumns {
    private static final int SHOWN = 2;
    private static final String UNKNOWN = "<unknown>";

    private MetricColumns() {}

    static String targets(Unstructured o) {
        List<Unstructured> specs = o.objects("spec", "metrics");
        List<Unstructured> statuses = o.objects("status", "currentMetrics");
        List<String> all = new ArrayList<>();
        for (int i = 0; i < specs.size(); i++) {
            String type = specs.get(i).string("type");
            Unstructured current = i < statuses.size() ? statuses.get(i).object(Metrics.field(type), "current") : null;
            all.add(cell(type, Metrics.source(specs.get(i)), current == null ? new Unstructured(Map.of()) : current));
        }
        if (all.isEmpty()) {
            return "<none>";
        }
        String shown = String.join(", ", all.subList(0, Math.min(SHOWN, all.size())));
        return all.size() > SHOWN ? shown + " + " + (all.size() - SHOWN) + " more..." : shown;
    }

    private static String cell(String type, Unstructured source, Unstructured current) {
        Unstructured target = source.object("target");
        boolean average = target.has("averageValue");
        return switch (type) {
            case "External", "Object" ->
                average ? pair(current, "averageValue", target) + " (avg)" : pair(current, "value", target);
            case "Pods" -> pair(current, "averageValue", target);
            case "Resource", "ContainerResource" ->
                source.string("name") + ": "
                        + (average ? pair(current, "averageValue", target) : utilization(current, target));
            default -> "<unknown type>";
        };
    }

    private static String pair(Unstructured current, String field, Unstructured target) {
        return current.stringOr(UNKNOWN, field) + "/" + target.string(field);
    }

    private static String utilization(Unstructured current, Unstructured target) {
        return percent(current, UNKNOWN) + "/" + percent(target, "<auto>");
    }

    private static String percent(Unstructured o, String none) {
        return o.has("averageUtilization") ? o.integer(0, "averageUtilization") + "%" : none;
    }
}
