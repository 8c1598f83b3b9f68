package dev.coracle.kubelet.admission;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which nodes a pod chooses, and which taints it bears. */
final class NodeChoice {
    private NodeChoice() {}

    static boolean chooses(Unstructured pod, Unstructured node) {
        String[] required = {"spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"};
        return node.labels()
                        .entrySet()
                        .containsAll(pod.strings("spec", "nodeSelector").entrySet())
                && (!pod.has(required)
                        || pod.object(required).objects("nodeSelectorTerms").stream()
                                .anyMatch(t -> holds(t, node)));
    }

    /** Taints that only keep others away are the scheduler's: who is here by name may stay. */
    static boolean bears(Unstructured pod, Unstructured node) {
        return node.objects("spec", "taints").stream()
                .filter(t -> t.string("effect").equals("NoExecute"))
                .allMatch(t -> pod.objects("spec", "tolerations").stream().anyMatch(o -> tolerates(o, t)));
    }

    private static boolean tolerates(Unstructured toleration, Unstructured taint) {
        String effect = toleration.string("effect");
        String key = toleration.string("key");
        boolean exists = toleration.string("operator").equals("Exists");
        return (effect.isEmpty() || effect.equals(taint.string("effect")))
                && (key.equals(taint.string("key")) || key.isEmpty() && exists)
                && (exists || toleration.string("value").equals(taint.string("value")));
    }

    /** An empty term selects nothing, not everything. */
    private static boolean holds(Unstructured term, Unstructured node) {
        List<Unstructured> expressions = term.objects("matchExpressions");
        List<Unstructured> fields = term.objects("matchFields");
        Map<String, String> labels = node.labels();
        return !(expressions.isEmpty() && fields.isEmpty())
                && expressions.stream().allMatch(e -> holds(e, labels.get(e.string("key"))))
                && fields.stream().allMatch(e -> holds(e, node.name()));
    }

    private static boolean holds(Unstructured e, @Nullable String value) {
        List<String> values = e.stringList("values");
        return switch (e.string("operator")) {
            case "In" -> value != null && values.contains(value);
            case "NotIn" -> value == null || !values.contains(value);
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            case "Gt" -> value != null && compare(value, values) > 0;
            case "Lt" -> value != null && compare(value, values) < 0;
            default -> false;
        };
    }

    /** 0, which satisfies neither Gt nor Lt, when one side is no integer. */
    private static int compare(String value, List<String> values) {
        try {
            return Long.compare(Long.parseLong(value), Long.parseLong(values.getFirst()));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
