package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubectl create quota|poddisruptionbudget|priorityclass}. */
final class PolicyObjects {
    private PolicyObjects() {}

    static Unstructured quota(Flags.Line line, String name) {
        Unstructured quota = Unstructured.of("v1", "ResourceQuota", "", name);
        Map<String, Object> hard = new LinkedHashMap<>();
        for (String pair : line.get("hard").split(",")) {
            if (!pair.isEmpty()) {
                String[] parts = pair.split("=", -1);
                if (parts.length != 2) {
                    throw new Failure("Invalid argument syntax " + pair + ", expected <resource>=<value>");
                }
                hard.put(parts[0], parts[1]);
            }
        }
        if (!hard.isEmpty()) {
            quota.set(hard, "spec", "hard");
        }
        if (!line.get("scopes").isEmpty()) {
            quota.set(List.of(line.get("scopes").split(",")), "spec", "scopes");
        }
        return quota;
    }

    static Unstructured budget(Flags.Line line, String name) {
        String selector = line.get("selector");
        if (selector.isEmpty()) {
            throw new Failure("a selector must be specified");
        }
        boolean least = line.has("min-available");
        if (!least && !line.has("max-unavailable")) {
            throw new Failure("one of min-available or max-unavailable must be specified");
        }
        if (least && line.has("max-unavailable")) {
            throw new Failure("min-available and max-unavailable cannot be both specified");
        }
        String amount = line.get(least ? "min-available" : "max-unavailable");
        return Unstructured.of("policy/v1", "PodDisruptionBudget", "", name)
                .set(
                        amount.matches("[0-9]+") ? Long.valueOf(amount) : amount,
                        "spec",
                        least ? "minAvailable" : "maxUnavailable")
                .set(equalities(selector), "spec", "selector", "matchLabels");
    }

    private static Map<String, Object> equalities(String selector) {
        LabelSelector.parse(selector);
        Map<String, Object> labels = new LinkedHashMap<>();
        Made.labels(selector.replace("==", "=")).forEach(labels::put);
        return labels;
    }

    static Unstructured priority(Flags.Line line, String name) {
        Unstructured priority = Unstructured.of("scheduling.k8s.io/v1", "PriorityClass", "", name);
        priority.set(line.number("value", 0), "value");
        priority.set(line.get("preemption-policy", "PreemptLowerPriority"), "preemptionPolicy");
        if (line.on("global-default")) {
            priority.set(true, "globalDefault");
        }
        if (!line.get("description").isEmpty()) {
            priority.set(line.get("description"), "description");
        }
        return priority;
    }
}
