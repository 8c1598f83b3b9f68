package dev.coracle.machinery.quota;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What one object uses up, by the names that quotas have for it. */
public final class Usage {
    private static final Set<String> PLAIN_COUNTS = Set.of(
            "pods",
            "services",
            "configmaps",
            "secrets",
            "persistentvolumeclaims",
            "resourcequotas",
            "replicationcontrollers");

    private Usage() {}

    /** @param object of the resource, whole */
    public static Map<String, Quantity> of(GroupVersionResource resource, Unstructured object) {
        Map<String, Quantity> usage = new TreeMap<>();
        boolean core = resource.group().isEmpty();
        if (core && resource.resource().equals("pods")) {
            // Pods that are over use up their record alone.
            count(usage, "count/pods");
            String phase = object.string("status", "phase");
            if (!phase.equals("Succeeded") && !phase.equals("Failed")) {
                count(usage, "pods");
                pod(usage, object);
            }
            return usage;
        }
        count(usage, "count/" + resource.groupResource());
        if (core && PLAIN_COUNTS.contains(resource.resource())) {
            count(usage, resource.resource());
        }
        if (core && resource.resource().equals("services")) {
            service(usage, object);
        }
        if (core && resource.resource().equals("persistentvolumeclaims")) {
            Quantity storage = Quantity.of(object.get("spec", "resources", "requests", "storage"));
            usage.put("requests.storage", storage);
            String storageClass = object.string("spec", "storageClassName");
            if (!storageClass.isEmpty()) {
                count(usage, storageClass + ".storageclass.storage.k8s.io/persistentvolumeclaims");
                usage.put(storageClass + ".storageclass.storage.k8s.io/requests.storage", storage);
            }
        }
        return usage;
    }

    private static void count(Map<String, Quantity> usage, String name) {
        usage.put(name, Quantity.of(1));
    }

    private static void service(Map<String, Quantity> usage, Unstructured service) {
        String type = service.string("spec", "type");
        int ports = service.objects("spec", "ports").size();
        boolean balanced = type.equals("LoadBalancer");
        if (balanced) {
            count(usage, "services.loadbalancers");
        }
        boolean allocated = !Boolean.FALSE.equals(service.get("spec", "allocateLoadBalancerNodePorts"));
        if (type.equals("NodePort") || balanced && allocated) {
            usage.put("services.nodeports", Quantity.of(ports));
        }
    }

    /**
     * As the scheduler counts: all containers and sidecars together, or what initialization needs at its greediest,
     * whichever is more, and the overhead.
     */
    private static void pod(Map<String, Quantity> usage, Unstructured pod) {
        for (String side : new String[] {"requests", "limits"}) {
            Map<String, Quantity> sum = new TreeMap<>();
            pod.objects("spec", "containers")
                    .forEach(c -> c.strings("resources", side)
                            .forEach((r, q) -> sum.merge(r, Quantity.parse(q), Quantity::plus)));
            Map<String, Quantity> sidecars = new TreeMap<>();
            Map<String, Quantity> peak = new TreeMap<>();
            for (Unstructured c : pod.objects("spec", "initContainers")) {
                boolean sidecar = c.string("restartPolicy").equals("Always");
                c.strings("resources", side).forEach((r, text) -> {
                    Quantity q = Quantity.parse(text);
                    Quantity with = q.plus(sidecars.getOrDefault(r, Quantity.ZERO));
                    peak.merge(r, with, Quantity::max);
                    if (sidecar) {
                        sum.merge(r, q, Quantity::plus);
                        sidecars.put(r, with);
                    }
                });
            }
            peak.forEach((r, q) -> sum.merge(r, q, Quantity::max));
            pod.strings("spec", "overhead").forEach((r, q) -> sum.merge(r, Quantity.parse(q), Quantity::plus));
            sum.forEach((r, q) -> {
                usage.put(side + "." + r, q);
                if (side.equals("requests")
                        && (r.equals("cpu") || r.equals("memory") || r.equals("ephemeral-storage"))) {
                    usage.put(r, q);
                }
            });
        }
    }
}
