package dev.coracle.scheduler.framework;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a pod asks of a node.
 *
 * @param amounts by resource name: millicores of {@code cpu}, whole units (bytes, devices) of everything else
 * @param scoredCpu millicores, where a container that asks for none counts a tenth of a core: for scores only
 * @param scoredMemory bytes, where a container that asks for none counts 200 MiB: for scores only
 */
public record Request(Map<String, Long> amounts, List<HostPort> ports, long scoredCpu, long scoredMemory) {
    private static final Map<String, Long> NOTHING = Map.of();
    private static final Map<String, Long> A_LITTLE = Map.of("cpu", 100L, "memory", 200L << 20);

    /** A port of the node itself. The empty address and {@code 0.0.0.0} mean every address of the node. */
    public record HostPort(String address, String protocol, long port) {
        public boolean conflicts(HostPort other) {
            return port == other.port
                    && protocol.equals(other.protocol)
                    && (isEveryAddress() || other.isEveryAddress() || address.equals(other.address));
        }

        private boolean isEveryAddress() {
            return address.isEmpty() || address.equals("0.0.0.0");
        }
    }

    public long amount(String resource) {
        return amounts.getOrDefault(resource, 0L);
    }

    /**
     * Containers run together, so they add up; so do restartable init containers (sidecars), from their turn on. Other
     * init containers run one at a time before the containers, beside the sidecars started by then: of those phases and
     * the final one the largest counts. Overhead comes on top.
     */
    public static Request of(Unstructured pod) {
        Map<String, Long> scored = total(pod, A_LITTLE);
        List<HostPort> ports = new ArrayList<>();
        pod.objects("spec", "containers").forEach(c -> ports(c, ports));
        for (Unstructured c : pod.objects("spec", "initContainers")) {
            if (isSidecar(c)) {
                ports(c, ports);
            }
        }
        return new Request(
                total(pod, NOTHING), ports, scored.getOrDefault("cpu", 0L), scored.getOrDefault("memory", 0L));
    }

    /** @param missing what a container counts that asks for none of a resource */
    private static Map<String, Long> total(Unstructured pod, Map<String, Long> missing) {
        Map<String, Long> total = new LinkedHashMap<>();
        for (Unstructured c : pod.objects("spec", "containers")) {
            add(total, amounts(pod, c, "containerStatuses", missing));
        }
        Map<String, Long> sidecars = new LinkedHashMap<>();
        Map<String, Long> largestPhase = new LinkedHashMap<>();
        for (Unstructured c : pod.objects("spec", "initContainers")) {
            Map<String, Long> phase = amounts(pod, c, "initContainerStatuses", missing);
            if (isSidecar(c)) {
                add(sidecars, phase);
                phase = sidecars;
            } else {
                add(phase, sidecars);
            }
            phase.forEach((resource, n) -> largestPhase.merge(resource, n, Math::max));
        }
        add(total, sidecars);
        largestPhase.forEach((resource, n) -> total.merge(resource, n, Math::max));
        pod.object("spec", "resources", "requests").map().forEach((k, v) -> total.put(k, units(k, v)));
        pod.object("spec", "overhead").map().forEach((k, v) -> total.merge(k, units(k, v), Long::sum));
        return total;
    }

    private static boolean isSidecar(Unstructured initContainer) {
        return initContainer.string("restartPolicy").equals("Always");
    }

    /** A quantity in the unit that requests are reckoned in. */
    public static long units(String resource, Object quantity) {
        Quantity q = Quantity.of(quantity);
        return resource.equals("cpu") ? q.milli() : q.value();
    }

    private static Map<String, Long> amounts(Unstructured container, Map<String, Long> missing) {
        Map<String, Long> amounts = new LinkedHashMap<>(missing);
        // A limit without a request is the request too.
        container.object("resources", "limits").map().forEach((k, v) -> amounts.put(k, units(k, v)));
        container.object("resources", "requests").map().forEach((k, v) -> amounts.put(k, units(k, v)));
        return amounts;
    }

    /**
     * While a container is resized, the most of what it asks for, what its node has promised it and what it has: each
     * may be taken at any moment. What the node can never give does not count.
     */
    private static Map<String, Long> amounts(
            Unstructured pod, Unstructured container, String statuses, Map<String, Long> missing) {
        Map<String, Long> asked = amounts(container, missing);
        if (!pod.has("status", statuses)) {
            return asked;
        }
        Map<String, Long> known = new LinkedHashMap<>();
        for (Unstructured s : pod.objects("status", statuses)) {
            if (s.string("name").equals(container.string("name")) && s.has("resources")) {
                for (Unstructured amounts :
                        List.of(s.object("resources", "requests"), s.object("allocatedResources"))) {
                    amounts.map().forEach((k, v) -> known.merge(k, units(k, v), Math::max));
                }
            }
        }
        boolean infeasible = !known.isEmpty()
                && pod.objects("status", "conditions").stream()
                        .anyMatch(c -> c.string("type").equals("PodResizePending")
                                && c.string("reason").equals("Infeasible"));
        if (infeasible) {
            asked.keySet().removeAll(known.keySet());
        }
        known.forEach((resource, n) -> asked.merge(resource, n, Math::max));
        return asked;
    }

    private static void add(Map<String, Long> sum, Map<String, Long> more) {
        more.forEach((resource, n) -> sum.merge(resource, n, Long::sum));
    }

    private static void ports(Unstructured container, List<HostPort> ports) {
        for (Unstructured p : container.objects("ports")) {
            if (p.integer(0, "hostPort") > 0) {
                ports.add(new HostPort(p.string("hostIP"), p.stringOr("TCP", "protocol"), p.integer(0, "hostPort")));
            }
        }
    }
}
