package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;

/** Defaults of Services; addresses and ports are allocated later, by the registry. */
final class ServiceDefaults {
    private ServiceDefaults() {}

    static void apply(Unstructured o) {
        absent(o, "ClusterIP", "spec", "type");
        absent(o, "None", "spec", "sessionAffinity");
        if (o.string("spec", "sessionAffinity").equals("ClientIP")) {
            absent(o, 10800L, "spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds");
        } else {
            o.remove("spec", "sessionAffinityConfig");
        }
        String type = o.string("spec", "type");
        boolean balanced = type.equals("LoadBalancer");
        if (List.of("ClusterIP", "NodePort", "LoadBalancer").contains(type)) {
            absent(o, "Cluster", "spec", "internalTrafficPolicy");
            families(o);
        }
        if (balanced
                || type.equals("NodePort")
                || !o.stringList("spec", "externalIPs").isEmpty()) {
            absent(o, "Cluster", "spec", "externalTrafficPolicy");
        }
        if (balanced) {
            absent(o, true, "spec", "allocateLoadBalancerNodePorts");
        }
        for (Unstructured p : o.objects("spec", "ports")) {
            absent(p, "TCP", "protocol");
            boolean unset = !p.has("targetPort") || p.integer(-1, "targetPort") == 0;
            if ((unset || p.get("targetPort") instanceof String s && s.isEmpty()) && p.has("port")) {
                p.set(p.integer(0, "port"), "targetPort");
            }
        }
        absent(o, Map.of(), "status", "loadBalancer");
    }

    /** There is one family. Who answers for a headless Service without selector may have others too. */
    private static void families(Unstructured o) {
        boolean foreign = o.string("spec", "clusterIP").equals("None")
                && o.strings("spec", "selector").isEmpty();
        if (foreign && !o.has("spec", "ipFamilyPolicy")) {
            absent(o, List.of("IPv4", "IPv6"), "spec", "ipFamilies");
            o.set("RequireDualStack", "spec", "ipFamilyPolicy");
        }
        absent(o, List.of("IPv4"), "spec", "ipFamilies");
        absent(o, "SingleStack", "spec", "ipFamilyPolicy");
    }
}
