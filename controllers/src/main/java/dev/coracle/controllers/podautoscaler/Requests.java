package dev.coracle.controllers.podautoscaler;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How much of a resource pods request: what their use is compared with. */
final class Requests {
    /** What a pod can request as a whole; the others are its containers' alone. */
    private static final List<String> OF_PODS = List.of("cpu", "memory");

    private Requests() {}

    /**
     * In thousandths, by the pod's name.
     *
     * @param container alone, or {@code ""} for the pod
     */
    static Map<String, Long> of(List<Unstructured> pods, String resource, String container) {
        Map<String, Long> requests = new HashMap<>();
        for (Unstructured pod : pods) {
            boolean whole = container.isEmpty() && isOfPod(pod);
            requests.put(pod.name(), whole ? ofPod(pod, resource) : ofContainers(pod, resource, container));
        }
        return requests;
    }

    private static boolean isOfPod(Unstructured pod) {
        return pod.object("spec", "resources", "requests").map().keySet().stream()
                .anyMatch(r -> OF_PODS.contains(r) || r.startsWith("hugepages-"));
    }

    private static long ofPod(Unstructured pod, String resource) {
        if (pod.has("spec", "resources", "requests", resource)) {
            return Quantity.of(pod.get("spec", "resources", "requests", resource))
                    .milli();
        }
        // Of what the pod says nothing its containers say it.
        return containers(pod).stream()
                .flatMap(c -> request(c, resource).stream())
                .reduce(Long::sum)
                .orElseThrow(() ->
                        new UnmeasuredException("missing pod-level request for " + resource + " in Pod " + pod.name()));
    }

    private static long ofContainers(Unstructured pod, String resource, String container) {
        long sum = 0;
        for (Unstructured c : containers(pod)) {
            String name = c.string("name");
            if (container.isEmpty() || container.equals(name)) {
                sum += request(c, resource)
                        .orElseThrow(() -> new UnmeasuredException(
                                "missing request for " + resource + " in container " + name + " of Pod " + pod.name()));
            }
            if (container.equals(name)) {
                return sum;
            }
        }
        if (!container.isEmpty()) {
            throw new UnmeasuredException("container " + container + " not found in Pod " + pod.name());
        }
        return sum;
    }

    private static Optional<Long> request(Unstructured container, String resource) {
        return container.has("resources", "requests", resource)
                ? Optional.of(Quantity.of(container.get("resources", "requests", resource))
                        .milli())
                : Optional.empty();
    }

    /** Those that run as long as the pod does. */
    private static List<Unstructured> containers(Unstructured pod) {
        List<Unstructured> all = new ArrayList<>(pod.objects("spec", "containers"));
        pod.objects("spec", "initContainers").stream()
                .filter(c -> c.string("restartPolicy").equals("Always"))
                .forEach(all::add);
        return all;
    }
}
