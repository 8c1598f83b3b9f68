package dev.coracle.controllers.endpointslice;

import dev.coracle.controllers.kit.Conditions;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where nodes are.
 *
 * @param ofNode the zone of each node that has one
 * @param shares which part of all processors is in each zone; empty where that cannot be told, or there is but one zone
 */
record Zones(Map<String, String> ofNode, Map<String, Double> shares) {
    private static final String LABEL = "topology.kubernetes.io/zone";

    /** What of a node is looked at. */
    record Seen(String zone, Quantity processors, boolean counts) {
        static Seen of(Unstructured node) {
            boolean control = node.labels().containsKey("node-role.kubernetes.io/control-plane")
                    || node.labels().containsKey("node-role.kubernetes.io/master");
            return new Seen(
                    node.labels().getOrDefault(LABEL, ""),
                    Quantity.of(node.get("status", "allocatable", "cpu")),
                    !control && Conditions.isTrue(node, "Ready"));
        }
    }

    static Zones of(Collection<Unstructured> nodes) {
        Map<String, String> zones = new HashMap<>();
        Map<String, Quantity> processors = new TreeMap<>();
        boolean known = true;
        for (Unstructured node : nodes) {
            Seen seen = Seen.of(node);
            if (!seen.zone().isEmpty()) {
                zones.put(node.name(), seen.zone());
            }
            if (seen.counts()) {
                known = known && !seen.zone().isEmpty() && seen.processors().compareTo(Quantity.ZERO) > 0;
                processors.merge(seen.zone(), seen.processors(), Quantity::plus);
            }
        }
        Map<String, Double> shares = new TreeMap<>();
        if (known && processors.size() > 1) {
            double all = processors.values().stream().mapToLong(Quantity::milli).sum();
            processors.forEach((zone, cpu) -> shares.put(zone, cpu.milli() / all));
        }
        return new Zones(zones, shares);
    }
}
