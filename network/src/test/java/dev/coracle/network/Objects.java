package dev.coracle.network;

import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The objects that network tests are about. */
public final class Objects {
    private Objects() {}

    public static Unstructured service(String name, String clusterIp, int port) {
        var p = new LinkedHashMap<String, Object>(Map.of("name", "http", "port", (long) port, "protocol", "TCP"));
        return Unstructured.of("v1", "Service", "default", name)
                .set("ClusterIP", "spec", "type")
                .set(clusterIp, "spec", "clusterIP")
                .add(p, "spec", "ports");
    }

    public static Unstructured slice(String service, int port, String... ready) {
        var slice = Unstructured.of("discovery.k8s.io/v1", "EndpointSlice", "default", service + "-x")
                .set(service, "metadata", "labels", "kubernetes.io/service-name")
                .set("IPv4", "addressType")
                .add(
                        new LinkedHashMap<String, Object>(
                                Map.of("name", "http", "port", (long) port, "protocol", "TCP")),
                        "ports");
        for (String ip : ready) {
            endpoint(slice, ip, true, false);
        }
        return slice;
    }

    public static Unstructured endpoint(Unstructured slice, String ip, boolean ready, boolean terminating) {
        return slice.add(
                new Unstructured(new LinkedHashMap<>())
                        .set(List.of(ip), "addresses")
                        .set(ready, "conditions", "ready")
                        .set(true, "conditions", "serving")
                        .set(terminating, "conditions", "terminating"),
                "endpoints");
    }
}
