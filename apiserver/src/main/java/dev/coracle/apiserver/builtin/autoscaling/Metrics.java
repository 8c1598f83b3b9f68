package dev.coracle.apiserver.builtin.autoscaling;

import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;

/** What an autoscaler looks at. */
final class Metrics {
    static final long DEFAULT_UTILIZATION = 80;

    /** The fields of a metric, one of which is there: which one its type says. */
    static final List<String> SOURCES = List.of("object", "pods", "resource", "containerResource", "external");

    private Metrics() {}

    /** How much of the CPU that pods ask for they should use on average, in percent. */
    static Unstructured cpu(long utilization) {
        return new Unstructured(new LinkedHashMap<>())
                .set("Resource", "type")
                .set("cpu", "resource", "name")
                .set("Utilization", "resource", "target", "type")
                .set(utilization, "resource", "target", "averageUtilization");
    }

    /** The part of the metric that its type names, empty where there is none. */
    static Unstructured source(Unstructured metric) {
        return metric.object(field(metric.string("type")));
    }

    static String field(String type) {
        return type.isEmpty() ? "" : Character.toLowerCase(type.charAt(0)) + type.substring(1);
    }

    static boolean isCpuUtilization(Unstructured metric, String told) {
        return metric.string("type").equals("Resource")
                && metric.string("resource", "name").equals("cpu")
                && metric.has("resource", told, "averageUtilization");
    }

    static void canonical(Unstructured o) {
        amounts(o.objects("spec", "metrics"), "target");
        amounts(o.objects("status", "currentMetrics"), "current");
        for (String direction : List.of("scaleUp", "scaleDown")) {
            Amounts.map(o, "spec", "behavior", direction, "tolerance");
        }
    }

    private static void amounts(List<Unstructured> metrics, String told) {
        for (Unstructured m : metrics) {
            for (String source : SOURCES) {
                Amounts.map(m, source, told, "value");
                Amounts.map(m, source, told, "averageValue");
            }
        }
    }
}
