package dev.coracle.controllers.replicaset;

import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which pods go first when there are too many; as {@code ActivePodsWithRanks}. */
final class Victims {
    private static final String COST = "controller.kubernetes.io/pod-deletion-cost";

    private Victims() {}

    /**
     * Unassigned before assigned, pending before unknown before running, not ready before ready, cheap before dear, those
     * on crowded nodes, those that became ready last, those that restarted most, the youngest.
     *
     * @param related active pods of this set and of its siblings: what makes a node crowded
     */
    static List<Unstructured> order(List<Unstructured> pods, List<Unstructured> related) {
        Map<String, Integer> crowd = new HashMap<>();
        related.forEach(p -> crowd.merge(p.string("spec", "nodeName"), 1, Integer::sum));
        List<Unstructured> ordered = new ArrayList<>(pods);
        ordered.sort(Comparator.<Unstructured, Boolean>comparing(
                        p -> !p.string("spec", "nodeName").isEmpty())
                .thenComparing(p -> phase(p))
                .thenComparing(Pods::isReady)
                .thenComparing(p -> cost(p))
                .thenComparing(p -> -crowd.getOrDefault(p.string("spec", "nodeName"), 0))
                .thenComparing(Victims::readySince, Comparator.reverseOrder())
                .thenComparing(p -> -restarts(p))
                .thenComparing(p -> p.string("metadata", "creationTimestamp"), Comparator.reverseOrder())
                .thenComparing(Unstructured::name));
        return ordered;
    }

    private static int phase(Unstructured pod) {
        return switch (pod.string("status", "phase")) {
            case "Running" -> 2;
            case "Unknown" -> 1;
            default -> 0;
        };
    }

    private static long cost(Unstructured pod) {
        try {
            return Integer.parseInt(pod.annotations().getOrDefault(COST, "0"));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static String readySince(Unstructured pod) {
        return pod.objects("status", "conditions").stream()
                .filter(c -> c.string("type").equals("Ready"))
                .filter(c -> c.string("status").equals("True"))
                .map(c -> c.string("lastTransitionTime"))
                .findFirst()
                .orElse("");
    }

    private static long restarts(Unstructured pod) {
        return pod.objects("status", "containerStatuses").stream()
                .mapToLong(c -> c.integer(0, "restartCount"))
                .sum();
    }
}
