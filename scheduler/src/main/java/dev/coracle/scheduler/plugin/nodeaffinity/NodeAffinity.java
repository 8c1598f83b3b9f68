package dev.coracle.scheduler.plugin.nodeaffinity;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.NodeSelector;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pod that names its nodes by {@code matchFields}, as a DaemonSet's does, has only those looked at. A profile may add an
 * affinity of its own to that of all its pods.
 */
public final class NodeAffinity implements Plugin.Filters, Plugin.Scores {
    private static final Status REFUSED = Status.unresolvable("node(s) didn't match Pod's node affinity/selector");

    private static final Status ENFORCED = Status.unresolvable("node(s) didn't match scheduler-enforced node affinity");

    private record Preference(NodeSelector.Term term, long weight) {}

    private final @Nullable NodeSelector addedRequired;
    private final List<Preference> addedPreferences;

    public NodeAffinity() {
        this(NodeAffinityArgs.DEFAULT);
    }

    public NodeAffinity(NodeAffinityArgs args) {
        Unstructured added = args.addedAffinity();
        this.addedRequired = added.has("requiredDuringSchedulingIgnoredDuringExecution")
                ? NodeSelector.of(added.objects("requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"))
                : null;
        this.addedPreferences = preferences(added);
    }

    @Override
    public String name() {
        return "NodeAffinity";
    }

    @Override
    public String remedy(PodInfo pod, NodeInfo node) {
        PodInfo.RequiredNodes required = pod.requiredNodes();
        List<String> missing = new ArrayList<>();
        required.selector().forEach((key, value) -> {
            if (!value.equals(node.labels().get(key))) {
                missing.add(key + "=" + value);
            }
        });
        if (missing.isEmpty()) {
            return required.affinity() == null ? "" : "a node that its required nodeAffinity matches";
        }
        return "kubectl label node " + node.name() + " " + String.join(" ", missing);
    }

    @Override
    public NodeFilter preFilter(Cycle cycle) {
        PodInfo.RequiredNodes required = cycle.pod().requiredNodes();
        if (required.isEmpty() && addedRequired == null) {
            return NodeFilter.PASS;
        }
        NodeSelector affinity = required.affinity();
        Set<String> names = affinity == null ? null : affinity.names();
        return new NodeFilter() {
            @Override
            public Status filter(NodeInfo node) {
                if (addedRequired != null && !addedRequired.matches(node)) {
                    return ENFORCED;
                }
                return required.matches(node) ? Status.OK : REFUSED;
            }

            @Override
            public @Nullable Set<String> only() {
                return names;
            }
        };
    }

    @Override
    public @Nullable NodeScore preScore(Cycle cycle, List<NodeInfo> feasible) {
        List<Preference> preferences = new ArrayList<>(addedPreferences);
        preferences.addAll(preferences(cycle.pod().pod().object("spec", "affinity", "nodeAffinity")));
        return preferences.isEmpty()
                ? null
                : NodeScore.scaled(
                        false,
                        node -> preferences.stream()
                                .filter(p -> p.term.matches(node))
                                .mapToLong(Preference::weight)
                                .sum());
    }

    private static List<Preference> preferences(Unstructured affinity) {
        return affinity.objects("preferredDuringSchedulingIgnoredDuringExecution").stream()
                .map(p -> new Preference(NodeSelector.term(p.object("preference")), p.integer(0, "weight")))
                .toList();
    }
}
