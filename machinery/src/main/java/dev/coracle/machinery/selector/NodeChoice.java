package dev.coracle.machinery.selector;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes a pod must be on, and which taints it bears; {@code k8s.io/component-helpers/scheduling/corev1}. For one pod
 * and one node: the scheduler, which asks for thousands, compiles the same rules.
 */
public final class NodeChoice {
    private static final String[] REQUIRED = {
        "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"
    };

    private NodeChoice() {}

    /**
     * Whether its {@code nodeSelector} and the node affinity that it requires select the node.
     *
     * @param spec the pod's
     */
    public static boolean selects(Unstructured spec, Unstructured node) {
        return node.labels().entrySet().containsAll(spec.strings("nodeSelector").entrySet())
                && (!spec.has(REQUIRED)
                        || spec.object(REQUIRED).objects("nodeSelectorTerms").stream()
                                .anyMatch(t -> holds(t, node)));
    }

    /**
     * Whether it tolerates each of the node's taints that have one of the effects.
     *
     * @param spec the pod's
     */
    public static boolean tolerates(Unstructured spec, Unstructured node, Set<String> effects) {
        return node.objects("spec", "taints").stream()
                .filter(t -> effects.contains(t.string("effect")))
                .allMatch(t -> spec.objects("tolerations").stream().anyMatch(o -> tolerates(o, t)));
    }

    /** An empty effect stands for every one, and so does an empty key that only has to exist. */
    public static boolean tolerates(Unstructured toleration, Unstructured taint) {
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
