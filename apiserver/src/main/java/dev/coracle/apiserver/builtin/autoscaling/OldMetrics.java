package dev.coracle.apiserver.builtin.autoscaling;

import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Metrics as {@code autoscaling/v1} writes them into annotations: flat, where the newer version has a {@code metric} and a
 * {@code target} (of a status: a {@code current} value).
 */
final class OldMetrics {
    /**
     * A field in both forms; {@code TOLD} stands for {@code target} or {@code current}.
     *
     * @param newer its path below the source
     */
    private record Field(List<String> newer, String older) {
        static Field of(String older, String... newer) {
            return new Field(List.of(newer), older);
        }
    }

    private static final String TOLD = "TOLD";
    private static final List<Field> RESOURCE = List.of(
            Field.of("name", "name"),
            Field.of("container", "container"),
            Field.of(TOLD + "AverageUtilization", TOLD, "averageUtilization"),
            Field.of(TOLD + "AverageValue", TOLD, "averageValue"));

    private OldMetrics() {}

    private static List<Field> fields(String source) {
        return switch (source) {
            case "object" ->
                List.of(
                        Field.of("target", "describedObject"),
                        Field.of("metricName", "metric", "name"),
                        Field.of(TOLD + "Value", TOLD, "value"),
                        Field.of("selector", "metric", "selector"),
                        Field.of("averageValue", TOLD, "averageValue"));
            case "pods" ->
                List.of(
                        Field.of("metricName", "metric", "name"),
                        Field.of(TOLD + "AverageValue", TOLD, "averageValue"),
                        Field.of("selector", "metric", "selector"));
            case "external" ->
                List.of(
                        Field.of("metricName", "metric", "name"),
                        Field.of("metricSelector", "metric", "selector"),
                        Field.of(TOLD + "Value", TOLD, "value"),
                        Field.of(TOLD + "AverageValue", TOLD, "averageValue"));
            default -> RESOURCE;
        };
    }

    /** @param told {@code target} or {@code current} */
    static Unstructured older(Unstructured metric, String told) {
        Unstructured out = new Unstructured(new LinkedHashMap<>()).set(metric.get("type"), "type");
        for (String source : Metrics.SOURCES) {
            if (metric.has(source)) {
                out.set(new LinkedHashMap<>(), source);
                for (Field f : fields(source)) {
                    move(metric.object(source), newer(f, told), out.object(source), older(f, told));
                }
            }
        }
        return out;
    }

    /** @param told {@code target} or {@code current} */
    static Unstructured newer(Unstructured metric, String told) {
        Unstructured out = new Unstructured(new LinkedHashMap<>()).set(metric.get("type"), "type");
        for (String source : Metrics.SOURCES) {
            if (metric.has(source)) {
                out.set(new LinkedHashMap<>(), source);
                for (Field f : fields(source)) {
                    move(metric.object(source), older(f, told), out.object(source), newer(f, told));
                }
                if (told.equals("target")) {
                    out.set(type(source, out.object(source, told)), source, told, "type");
                }
            }
        }
        return out;
    }

    private static String type(String source, Unstructured target) {
        return switch (source) {
            case "resource", "containerResource" -> target.has("averageUtilization") ? "Utilization" : "AverageValue";
            case "object" -> target.has("averageValue") ? "AverageValue" : "Value";
            case "external" -> target.has("value") ? "Value" : "AverageValue";
            default -> "AverageValue";
        };
    }

    private static String[] newer(Field f, String told) {
        return f.newer().stream().map(s -> s.replace(TOLD, told)).toArray(String[]::new);
    }

    private static String[] older(Field f, String told) {
        return new String[] {f.older().replace(TOLD, told)};
    }

    private static void move(Unstructured from, String[] there, Unstructured to, String[] here) {
        if (from.has(there)) {
            to.set(from.get(there), here);
        }
    }
}
