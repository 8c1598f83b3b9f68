package dev.coracle.scheduler.plugin.podtopologyspread;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.config.Fields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/**
 * The constraints of pods that have none.
 *
 * @param system whether they are the scheduler's own, which also count nodes that lack one of the labels
 * @param constraints as a pod would have them, but without selectors: those are what the pod's Services and owner select
 */
public record PodTopologySpreadArgs(boolean system, List<Unstructured> constraints) {
    public static final PodTopologySpreadArgs DEFAULT = new PodTopologySpreadArgs(
            true, List.of(preference("kubernetes.io/hostname", 3), preference("topology.kubernetes.io/zone", 5)));

    private static final List<String> DEFAULTING = List.of("System", "List");
    private static final List<String> ACTIONS = List.of("DoNotSchedule", "ScheduleAnyway");

    private static Unstructured preference(String topologyKey, long maxSkew) {
        return new Unstructured(new LinkedHashMap<>())
                .set(topologyKey, "topologyKey")
                .set("ScheduleAnyway", "whenUnsatisfiable")
                .set(maxSkew, "maxSkew");
    }

    public static PodTopologySpreadArgs of(Fields fields) {
        String type = fields.text("defaultingType", "System");
        List<Fields> list = fields.objects("defaultConstraints");
        if (!DEFAULTING.contains(type)) {
            fields.problems().unsupported(fields.path("defaultingType"), type, DEFAULTING);
        } else if (type.equals("System") && !list.isEmpty()) {
            fields.problems().invalid(fields.path("defaultingType"), type, "when .defaultConstraints are not empty");
        }
        List<Unstructured> constraints = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < list.size(); i++) {
            Unstructured constraint = constraint(list.get(i));
            constraints.add(constraint);
            String pair = "{" + constraint.string("topologyKey") + ", " + constraint.string("whenUnsatisfiable") + "}";
            if (!seen.add(pair)) {
                fields.problems().duplicate(fields.path("defaultConstraints") + "[" + i + "]", pair);
            }
        }
        return type.equals("System") ? DEFAULT : new PodTopologySpreadArgs(false, List.copyOf(constraints));
    }

    private static Unstructured constraint(Fields f) {
        long maxSkew = f.within("maxSkew", 0, 1, Integer.MAX_VALUE, "not in valid range (0, inf)");
        String key = f.text("topologyKey", "");
        if (key.isEmpty()) {
            f.problems().required(f.path("topologyKey"), "can not be empty");
        }
        String when = f.text("whenUnsatisfiable", "");
        if (when.isEmpty()) {
            f.problems().required(f.path("whenUnsatisfiable"), "can not be empty");
        } else if (!ACTIONS.contains(when)) {
            f.problems().unsupported(f.path("whenUnsatisfiable"), when, ACTIONS);
        }
        if (f.has("labelSelector")) {
            f.problems()
                    .forbidden(
                            f.path("labelSelector"),
                            "constraint must not define a selector, as they deduced for each pod");
        }
        Unstructured constraint = new Unstructured(new LinkedHashMap<>())
                .set(maxSkew, "maxSkew")
                .set(key, "topologyKey")
                .set(when, "whenUnsatisfiable")
                .set(f.integer("minDomains", 1), "minDomains")
                .set(f.text("nodeAffinityPolicy", "Honor"), "nodeAffinityPolicy")
                .set(f.text("nodeTaintsPolicy", "Ignore"), "nodeTaintsPolicy");
        f.ignore("matchLabelKeys");
        f.end();
        return constraint;
    }

    List<Unstructured> when(String action) {
        return constraints.stream()
                .filter(c -> c.string("whenUnsatisfiable").equals(action))
                .toList();
    }
}
