package dev.coracle.controllers.podautoscaler;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A {@code LabelSelector} in words. */
final class Selectors {
    private Selectors() {}

    /**
     * As a query has it: {@code app=web,tier in (a,b)}.
     *
     * @throws UnmeasuredException for one that makes no sense
     */
    static String query(Unstructured selector) {
        Stream<String> labels = new TreeMap<>(selector.strings("matchLabels"))
                .entrySet().stream().map(e -> e.getKey() + "=" + e.getValue());
        Stream<String> expressions =
                selector.objects("matchExpressions").stream().map(Selectors::query1);
        return Stream.concat(labels, expressions).collect(Collectors.joining(","));
    }

    private static String query1(Unstructured expression) {
        String key = expression.string("key");
        List<String> values = expression.stringList("values").stream().sorted().toList();
        String among = " (" + String.join(",", values) + ")";
        return switch (expression.string("operator")) {
            case "In" -> key + " in" + among;
            case "NotIn" -> key + " notin" + among;
            case "Exists" -> key;
            case "DoesNotExist" -> "!" + key;
            default ->
                throw new UnmeasuredException(
                        "\"" + expression.string("operator") + "\" is not a valid label selector operator");
        };
    }

    /** As Go prints the selector of a metric. */
    static String told(Unstructured metric) {
        if (!metric.has("selector")) {
            return "nil";
        }
        StringBuilder labels = new StringBuilder();
        new TreeMap<>(metric.strings("selector", "matchLabels")).forEach((k, v) -> labels.append(k + ": " + v + ","));
        StringBuilder expressions = new StringBuilder();
        for (Unstructured e : metric.objects("selector", "matchExpressions")) {
            expressions.append("LabelSelectorRequirement{Key:" + e.string("key") + ",Operator:" + e.string("operator")
                    + ",Values:[" + String.join(" ", e.stringList("values")) + "],},");
        }
        return "&LabelSelector{MatchLabels:map[string]string{" + labels
                + "},MatchExpressions:[]LabelSelectorRequirement{" + expressions + "},}";
    }
}
