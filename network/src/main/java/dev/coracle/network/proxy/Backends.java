package dev.coracle.network.proxy;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.Ipv4;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Where one port of a Service may lead, and of that what counts for whom, as kube-proxy sorts endpoints: the ready ones; where
 * there is none, those that still serve while they terminate (KEP-1669).
 */
final class Backends {
    /**
     * @param node it runs on
     * @param zones that should use it, by its hints; likewise {@code nodes}
     */
    record Endpoint(String ip, long port, String node, boolean ready, Set<String> zones, Set<String> nodes) {}

    private final List<Endpoint> all;

    private Backends(List<Endpoint> all) {
        this.all = all;
    }

    static Backends of(Unstructured port, List<Unstructured> slices) {
        Map<String, Endpoint> found = new TreeMap<>();
        for (Unstructured slice : slices) {
            long target = targetPort(port, slice);
            if (target <= 0 || !slice.stringOr("IPv4", "addressType").equals("IPv4")) {
                continue;
            }
            for (Unstructured e : slice.objects("endpoints")) {
                boolean ready = condition(e, "ready", true);
                if (!ready && !(condition(e, "serving", false) && condition(e, "terminating", false))) {
                    continue;
                }
                for (String ip : e.stringList("addresses")) {
                    if (Ipv4.isAddress(ip)) {
                        found.merge(
                                ip + ":" + target,
                                new Endpoint(
                                        ip,
                                        target,
                                        e.string("nodeName"),
                                        ready,
                                        hints(e, "forZones"),
                                        hints(e, "forNodes")),
                                (a, b) -> a.ready() ? a : b);
                    }
                }
            }
        }
        return new Backends(List.copyOf(found.values()));
    }

    private static Set<String> hints(Unstructured endpoint, String whom) {
        return Set.copyOf(endpoint.objects("hints", whom).stream()
                .map(h -> h.string("name"))
                .distinct()
                .toList());
    }

    /** For all. */
    List<Endpoint> cluster() {
        return chosen(e -> true, e -> true);
    }

    /** That run on the node. */
    List<Endpoint> local(ProxiedNode node) {
        Predicate<Endpoint> there = e -> e.node().equals(node.name());
        return chosen(there, there);
    }

    /**
     * For who is on the node, as the hints have it: those for the node where each has a hint of that kind and one is for it,
     * else likewise for its zone, else all (KEP-2433, KEP-3015).
     */
    List<Endpoint> near(ProxiedNode node) {
        List<Endpoint> ready = all.stream().filter(Endpoint::ready).toList();
        if (meant(ready.stream().map(Endpoint::nodes).toList(), node.name())) {
            return chosen(e -> e.nodes().contains(node.name()), e -> true);
        }
        if (meant(ready.stream().map(Endpoint::zones).toList(), node.zone())) {
            return chosen(e -> e.zones().contains(node.zone()), e -> true);
        }
        return cluster();
    }

    private static boolean meant(List<Set<String>> hints, String whom) {
        return !whom.isEmpty()
                && hints.stream().noneMatch(Set::isEmpty)
                && hints.stream().anyMatch(h -> h.contains(whom));
    }

    private List<Endpoint> chosen(Predicate<Endpoint> ready, Predicate<Endpoint> leaving) {
        List<Endpoint> chosen = new ArrayList<>(
                all.stream().filter(Endpoint::ready).filter(ready).toList());
        return chosen.isEmpty()
                ? all.stream().filter(e -> !e.ready()).filter(leaving).toList()
                : chosen;
    }

    /** How many are ready on the node. */
    long readyOn(ProxiedNode node) {
        return all.stream()
                .filter(e -> e.ready() && e.node().equals(node.name()))
                .map(Endpoint::ip)
                .distinct()
                .count();
    }

    private static long targetPort(Unstructured port, Unstructured slice) {
        for (Unstructured p : slice.objects("ports")) {
            if (p.string("name").equals(port.string("name"))
                    && p.stringOr("TCP", "protocol").equals(port.stringOr("TCP", "protocol"))) {
                return p.integer(0, "port");
            }
        }
        return 0;
    }

    private static boolean condition(Unstructured endpoint, String name, boolean absent) {
        return endpoint.has("conditions", name) ? endpoint.bool("conditions", name) : absent;
    }
}
