package dev.coracle.controllers.endpointslice;

import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The {@code v1} Endpoints object of a Service: older clients read it still. */
final class LegacyEndpoints {
    private static final int LARGEST = 1000;

    private LegacyEndpoints() {}

    static Unstructured of(Unstructured service, List<Unstructured> pods) {
        Unstructured e = Unstructured.of("v1", "Endpoints", service.namespace(), service.name());
        service.labels().forEach((k, v) -> e.set(v, "metadata", "labels", k));
        e.set("endpoint-controller", "metadata", "labels", "endpoints.kubernetes.io/managed-by");
        if (Slices.isHeadless(service)) {
            e.set("", "metadata", "labels", "service.kubernetes.io/headless");
        }
        boolean all = service.bool("spec", "publishNotReadyAddresses");
        Map<List<Unstructured>, Unstructured> subsets = new LinkedHashMap<>();
        int count = 0;
        for (Unstructured pod : pods) {
            List<Unstructured> ports = EndpointPorts.of(service, pod);
            if (pod.isDeleting() && !all || ports.isEmpty() && !Slices.isHeadless(service)) {
                continue;
            }
            if (count++ == LARGEST) {
                e.set("truncated", "metadata", "annotations", "endpoints.kubernetes.io/over-capacity");
                break;
            }
            subsets.computeIfAbsent(ports, p -> new Unstructured(new LinkedHashMap<>()))
                    .add(address(service, pod), Pods.isReady(pod) || all ? "addresses" : "notReadyAddresses");
        }
        List<Unstructured> list = new ArrayList<>();
        subsets.forEach((ports, subset) -> list.add(subset.set(ports.isEmpty() ? null : ports, "ports")));
        return e.set(list.isEmpty() ? null : list, "subsets");
    }

    private static Unstructured address(Unstructured service, Unstructured pod) {
        String hostname = Slices.hostname(service, pod);
        return new Unstructured(new LinkedHashMap<>())
                .set(pod.string("status", "podIP"), "ip")
                .set(hostname.isEmpty() ? null : hostname, "hostname")
                .set(pod.get("spec", "nodeName"), "nodeName")
                .set(Slices.target(pod), "targetRef");
    }
}
