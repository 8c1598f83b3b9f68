package dev.coracle.apiserver.builtin.autoscaling;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.integer;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.definition.Conversion;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How many replicas a workload should have, by what is measured of it. Stored as the newer of its two versions. */
public final class HorizontalPodAutoscalers {
    private static final String GROUP = "autoscaling";
    private static final String KIND = "HorizontalPodAutoscaler";
    private static final List<Column> COLUMNS = List.of(
            NAME,
            text(
                    "Reference",
                    o -> o.string("spec", "scaleTargetRef", "kind") + "/" + o.string("spec", "scaleTargetRef", "name")),
            text("Targets", o -> MetricColumns.targets(o)),
            text("MinPods", o -> o.has("spec", "minReplicas") ? "" + o.integer(0, "spec", "minReplicas") : "<unset>"),
            integer("MaxPods", "spec", "maxReplicas"),
            integer("Replicas", "status", "currentReplicas"),
            AGE);

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    GROUP, "v2", KIND, "horizontalpodautoscalers")
            .shortNames("hpa")
            .categories("all")
            .subresources("status")
            .amounts(Metrics::canonical)
            .defaults(HorizontalPodAutoscalers::complete)
            .rules((findings, o, old) -> new AutoscalerRules(findings).check(o, old))
            .statusRules((findings, o, old) -> {
                findings.notNegative(o.object("status"), "status", "currentReplicas");
                findings.notNegative(o.object("status"), "status", "desiredReplicas");
            })
            .generations()
            .columns(COLUMNS)
            .build();

    public static final ResourceDefinition V1 = DefinitionBuilder.namespaced(
                    GROUP, "v1", KIND, "horizontalpodautoscalers")
            .shortNames("hpa")
            .categories("all")
            .subresources("status")
            .columns(COLUMNS.stream().map(HorizontalPodAutoscalers::ofV1).toList())
            .conversion(new Conversion(DEFINITION.resource(), OldAutoscalers::stored, OldAutoscalers::served))
            .build();

    private HorizontalPodAutoscalers() {}

    private static Column ofV1(Column c) {
        return new Column(
                c.name(),
                c.type(),
                c.format(),
                c.description(),
                c.priority(),
                (o, now) -> c.cell().of(OldAutoscalers.stored(o.copy()), now));
    }

    static GroupVersionKind v1() {
        return new GroupVersionKind(GROUP, "v1", KIND);
    }

    private static void complete(Unstructured o) {
        absent(o, 1L, "spec", "minReplicas");
        if (o.objects("spec", "metrics").isEmpty()) {
            o.set(List.of(Metrics.cpu(Metrics.DEFAULT_UTILIZATION)), "spec", "metrics");
        }
        if (o.has("spec", "behavior")) {
            absent(o, 0L, "spec", "behavior", "scaleUp", "stabilizationWindowSeconds");
            scaling(o, "scaleUp", List.of(policy("Pods", 4), policy("Percent", 100)));
            scaling(o, "scaleDown", List.of(policy("Percent", 100)));
        }
    }

    private static void scaling(Unstructured o, String direction, List<Map<String, Object>> policies) {
        absent(o, "Max", "spec", "behavior", direction, "selectPolicy");
        if (!o.has("spec", "behavior", direction, "policies")) {
            o.set(policies, "spec", "behavior", direction, "policies");
        }
    }

    private static Map<String, Object> policy(String type, long value) {
        Map<String, Object> policy = new LinkedHashMap<>();
        policy.put("type", type);
        policy.put("value", value);
        policy.put("periodSeconds", 15L);
        return policy;
    }
}
