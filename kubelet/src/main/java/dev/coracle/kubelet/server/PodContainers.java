package dev.coracle.kubelet.server;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Optional;

/** A pod's containers by name: init, ordinary and ephemeral ones share one space of names. */
final class PodContainers {
    private static final List<String> SPECS = List.of("containers", "initContainers", "ephemeralContainers");
    private static final List<String> STATUSES =
            List.of("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses");

    private PodContainers() {}

    static Optional<Unstructured> spec(Unstructured pod, String name) {
        return find(pod, "spec", SPECS, name);
    }

    static Optional<Unstructured> status(Unstructured pod, String name) {
        return find(pod, "status", STATUSES, name);
    }

    private static Optional<Unstructured> find(Unstructured pod, String part, List<String> lists, String name) {
        return lists.stream()
                .flatMap(list -> pod.objects(part, list).stream())
                .filter(c -> c.string("name").equals(name))
                .findFirst();
    }
}
