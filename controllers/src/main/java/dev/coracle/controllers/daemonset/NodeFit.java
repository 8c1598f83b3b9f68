package dev.coracle.controllers.daemonset;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a node should have a daemon, and whether one that is there may stay. Resources do not matter: of a node that is
 * full the scheduler tells. {@code spec.unschedulable} does neither; it is a taint, which daemons tolerate.
 */
record NodeFit(boolean shouldRun, boolean mayStay) {
    static final NodeFit NONE = new NodeFit(false, false);

    private static final Set<String> EXPELLING = Set.of("NoExecute");
    private static final Set<String> REPELLING = Set.of("NoSchedule", "NoExecute");

    /** @param spec of the daemons, as {@link Template} gives it */
    static NodeFit of(Unstructured spec, Unstructured node) {
        String named = spec.string("nodeName");
        if (!named.isEmpty() && !named.equals(node.name()) || !selected(spec, node)) {
            return NONE;
        }
        boolean stays = tolerates(spec, node, EXPELLING);
        return new NodeFit(stays && tolerates(spec, node, REPELLING), stays);
    }

    private static boolean tolerates(Unstructured spec, Unstructured node, Set<String> effects) {
        return node.objects("spec", "taints").stream()
                .filter(t -> effects.contains(t.string("effect")))
                .allMatch(t -> spec.objects("tolerations").stream().anyMatch(o -> tolerates(o, t)));
    }

    private static boolean tolerates(Unstructured toleration, Unstructured taint) {
        String effect = toleration.string("effect");
        String key = toleration.string("key");
        boolean exists = toleration.string("operator").equals("Exists");
        return (effect.isEmpty() || effect.equals(taint.string("effect")))
                && (key.equals(taint.string("key")) || key.isEmpty() && exists)
                && (exists || toleration.string("value").equals(taint.string("value")));
    }

    private static boolean selected(Unstructured spec, Unstructured node) {
        String[] required = {"affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"};
        return node.labels().entrySet().containsAll(spec.strings("nodeSelector").entrySet())
                && (!spec.has(required)
                        || spec.object(required).objects("nodeSelectorTerms").stream()
                                .anyMatch(t -> holds(t, node)));
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
