package dev.coracle.kubelet.admission;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import dev.coracle.machinery.quota.Usage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a pod takes of its node.
 *
 * @param amounts by resource: millicores of {@code cpu}, whole units of everything else
 */
record Claim(Map<String, Long> amounts, List<HostPort> ports) {
    private static final String REQUESTS = "requests.";

    /** A port of the node itself. The empty address and {@code 0.0.0.0} mean every address of the node. */
    record HostPort(String address, String protocol, long port) {
        boolean conflicts(HostPort other) {
            return port == other.port
                    && protocol.equals(other.protocol)
                    && (isEveryAddress() || other.isEveryAddress() || address.equals(other.address));
        }

        private boolean isEveryAddress() {
            return address.isEmpty() || address.equals("0.0.0.0");
        }
    }

    static Claim of(Unstructured pod) {
        Map<String, Long> amounts = new LinkedHashMap<>();
        Usage.of(Resources.PODS, pod).forEach((name, q) -> {
            if (name.startsWith(REQUESTS)) {
                String resource = name.substring(REQUESTS.length());
                amounts.put(resource, units(resource, q));
            }
        });
        // What the pod as a whole asks for counts instead of what its containers do; the overhead is in neither.
        pod.strings("spec", "resources", "requests").forEach((resource, text) -> {
            Quantity overhead = Quantity.of(pod.strings("spec", "overhead").getOrDefault(resource, "0"));
            amounts.put(resource, units(resource, Quantity.parse(text).plus(overhead)));
        });
        List<HostPort> ports = new ArrayList<>();
        pod.objects("spec", "containers").forEach(c -> ports(c, ports));
        pod.objects("spec", "initContainers").stream()
                .filter(c -> c.string("restartPolicy").equals("Always"))
                .forEach(c -> ports(c, ports));
        return new Claim(amounts, ports);
    }

    static long units(String resource, Quantity q) {
        return resource.equals("cpu") ? q.milli() : q.value();
    }

    private static void ports(Unstructured container, List<HostPort> ports) {
        for (Unstructured p : container.objects("ports")) {
            if (p.integer(0, "hostPort") > 0) {
                ports.add(new HostPort(p.string("hostIP"), p.stringOr("TCP", "protocol"), p.integer(0, "hostPort")));
            }
        }
    }

    long amount(String resource) {
        return amounts.getOrDefault(resource, 0L);
    }

    boolean conflicts(Claim other) {
        return ports.stream().anyMatch(p -> other.ports.stream().anyMatch(p::conflicts));
    }
}
