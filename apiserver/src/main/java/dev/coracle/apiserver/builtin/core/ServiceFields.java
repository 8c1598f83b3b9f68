package dev.coracle.apiserver.builtin.core;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** What was allocated to a Service stays with it across updates that do not mention it, and goes with its type. */
public final class ServiceFields {
    private ServiceFields() {}

    public static boolean hasClusterIp(Unstructured service) {
        return !service.string("spec", "type").equals("ExternalName");
    }

    public static boolean hasNodePorts(Unstructured service) {
        String type = service.stringOr("ClusterIP", "spec", "type");
        return type.equals("NodePort")
                || type.equals("LoadBalancer")
                        && !Boolean.FALSE.equals(service.get("spec", "allocateLoadBalancerNodePorts"));
    }

    static void keep(Unstructured next, Unstructured old) {
        if (hasClusterIp(next) && hasClusterIp(old)) {
            String ip = next.string("spec", "clusterIP");
            if (ip.isEmpty() && next.stringList("spec", "clusterIPs").isEmpty()) {
                next.set(old.get("spec", "clusterIP"), "spec", "clusterIP");
            }
            boolean renamed = !ip.isEmpty() && !ip.equals(old.string("spec", "clusterIP"));
            if (renamed && Objects.equals(next.get("spec", "clusterIPs"), old.get("spec", "clusterIPs"))) {
                // A client that knows the older field alone: the other one follows it.
                next.set(List.of(ip), "spec", "clusterIPs");
            }
            if (next.string("spec", "clusterIP").equals(old.string("spec", "clusterIP"))
                    && next.stringList("spec", "clusterIPs").isEmpty()) {
                next.set(Json.copyOrNull(old.get("spec", "clusterIPs")), "spec", "clusterIPs");
            }
            for (String kept : List.of("ipFamilies", "ipFamilyPolicy")) {
                if (!next.has("spec", kept)) {
                    next.set(Json.copyOrNull(old.get("spec", kept)), "spec", kept);
                }
            }
        } else if (!hasClusterIp(next)) {
            for (String gone : List.of("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")) {
                drop(next, old, gone);
            }
        }
        if (hasNodePorts(next) && hasNodePorts(old)) {
            keepNodePorts(next, old);
        } else if (!hasNodePorts(next) && hasNodePorts(old) && nodePorts(next).equals(nodePorts(old))) {
            next.objects("spec", "ports").forEach(p -> p.remove("nodePort"));
        }
        if (!outside(next)) {
            drop(next, old, "externalTrafficPolicy");
        }
        if (!next.string("spec", "type").equals("LoadBalancer")) {
            drop(next, old, "allocateLoadBalancerNodePorts");
            drop(next, old, "loadBalancerClass");
        }
    }

    /** Whether traffic comes from outside of the cluster. */
    private static boolean outside(Unstructured service) {
        return Set.of("NodePort", "LoadBalancer").contains(service.string("spec", "type"))
                || !service.stringList("spec", "externalIPs").isEmpty();
    }

    /** A value that is only there because it was there does not outlive the type that needs it. */
    private static void drop(Unstructured next, Unstructured old, String field) {
        if (Objects.equals(next.get("spec", field), old.get("spec", field))) {
            next.remove("spec", field);
        }
    }

    private static void keepNodePorts(Unstructured next, Unstructured old) {
        Set<Long> used = new HashSet<>(nodePorts(next));
        for (Unstructured p : next.objects("spec", "ports")) {
            if (p.integer(0, "nodePort") == 0) {
                old.objects("spec", "ports").stream()
                        .filter(o -> o.integer(0, "port") == p.integer(0, "port")
                                && o.stringOr("TCP", "protocol").equals(p.stringOr("TCP", "protocol")))
                        .map(o -> o.integer(0, "nodePort"))
                        .filter(n -> n != 0 && used.add(n))
                        .findFirst()
                        .ifPresent(n -> p.set(n, "nodePort"));
            }
        }
    }

    private static List<Long> nodePorts(Unstructured service) {
        List<Long> ports = new ArrayList<>();
        service.objects("spec", "ports").forEach(p -> ports.add(p.integer(0, "nodePort")));
        ports.removeIf(n -> n == 0);
        return ports;
    }
}
