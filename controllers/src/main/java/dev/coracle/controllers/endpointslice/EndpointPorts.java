package dev.coracle.controllers.endpointslice;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;

/** What a Service's ports are on one pod: a port that is named may have another number on each. */
final class EndpointPorts {
    private EndpointPorts() {}

    /** A port whose name the pod does not have is left out. */
    static List<Unstructured> of(Unstructured service, Unstructured pod) {
        List<Unstructured> ports = new ArrayList<>();
        for (Unstructured p : service.objects("spec", "ports")) {
            long number = number(p, pod);
            if (number > 0) {
                ports.add(new Unstructured(new LinkedHashMap<>())
                        .set(p.string("name"), "name")
                        .set(number, "port")
                        .set(p.stringOr("TCP", "protocol"), "protocol")
                        .set(p.get("appProtocol"), "appProtocol"));
            }
        }
        return ports;
    }

    private static long number(Unstructured port, Unstructured pod) {
        if (!(port.get("targetPort") instanceof String name) || name.isEmpty()) {
            long target = port.integer(0, "targetPort");
            return target > 0 ? target : port.integer(0, "port");
        }
        // Init containers that always restart are sidecars and may serve.
        return Stream.concat(
                        pod.objects("spec", "containers").stream(),
                        pod.objects("spec", "initContainers").stream()
                                .filter(c -> c.string("restartPolicy").equals("Always")))
                .flatMap(c -> c.objects("ports").stream())
                .filter(c -> c.string("name").equals(name)
                        && c.stringOr("TCP", "protocol").equals(port.stringOr("TCP", "protocol")))
                .mapToLong(c -> c.integer(0, "containerPort"))
                .findFirst()
                .orElse(0);
    }
}
