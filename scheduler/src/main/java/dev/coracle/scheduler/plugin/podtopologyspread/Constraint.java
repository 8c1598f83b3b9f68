package dev.coracle.scheduler.plugin.podtopologyspread;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.PodQuery;
import dev.coracle.scheduler.framework.PodTerm;
import dev.coracle.scheduler.framework.Taint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of a pod's {@code topologySpreadConstraints}.
 *
 * @param query the pods that it counts; null counts none
 * @param honorsAffinity whether nodes that the pod's own affinity rules out count for nothing
 * @param honorsTaints whether nodes with taints that the pod does not tolerate count for nothing
 */
record Constraint(
        String topologyKey,
        long maxSkew,
        long minDomains,
        @Nullable PodQuery query,
        boolean honorsAffinity,
        boolean honorsTaints) {

    /** @param when {@code DoNotSchedule} or {@code ScheduleAnyway} */
    static List<Constraint> of(PodInfo info, String when) {
        Unstructured pod = info.pod();
        List<Constraint> constraints = new ArrayList<>();
        for (Unstructured c : pod.objects("spec", "topologySpreadConstraints")) {
            if (!c.string("whenUnsatisfiable").equals(when)) {
                continue;
            }
            PodQuery query = null;
            if (c.has("labelSelector")) {
                Unstructured selector =
                        PodTerm.withKeys(c.object("labelSelector"), c.stringList("matchLabelKeys"), "In", pod);
                query = new PodQuery(info.namespace(), LabelSelector.of(selector), selector.toString());
            }
            constraints.add(of(c, query));
        }
        return constraints;
    }

    static Constraint of(Unstructured c, @Nullable PodQuery query) {
        return new Constraint(
                c.string("topologyKey"),
                c.integer(1, "maxSkew"),
                c.integer(1, "minDomains"),
                query,
                !c.string("nodeAffinityPolicy").equals("Ignore"),
                c.string("nodeTaintsPolicy").equals("Honor"));
    }

    int count(NodeInfo node) {
        return query == null ? 0 : node.count(query);
    }

    /** Whether the pod, once it is there, counts itself. */
    boolean countsItself(PodInfo pod) {
        return query != null && query.matches(pod);
    }

    /** Whether the pods of a node are counted. */
    boolean includes(PodInfo pod, NodeInfo node) {
        if (honorsAffinity && !pod.requiredNodes().matches(node)) {
            return false;
        }
        if (honorsTaints) {
            for (Taint t : node.taints()) {
                if (t.repels() && !t.isToleratedBy(pod.tolerations())) {
                    return false;
                }
            }
        }
        return true;
    }

    static boolean allKnown(List<Constraint> constraints, Map<String, String> nodeLabels) {
        for (Constraint c : constraints) {
            if (!nodeLabels.containsKey(c.topologyKey)) {
                return false;
            }
        }
        return true;
    }
}
