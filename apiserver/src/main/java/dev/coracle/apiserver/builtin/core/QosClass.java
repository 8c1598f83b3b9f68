package dev.coracle.apiserver.builtin.core;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;

/** {@code Guaranteed}, {@code Burstable} or {@code BestEffort}. */
final class QosClass {
    private QosClass() {}

    static String of(Unstructured pod) {
        List<Unstructured> containers = new ArrayList<>(pod.objects("spec", "containers"));
        containers.addAll(pod.objects("spec", "initContainers"));
        boolean any = false;
        boolean all = true;
        for (Unstructured c : containers) {
            for (String resource : List.of("cpu", "memory")) {
                String limit = c.string("resources", "limits", resource);
                String request = c.stringOr(limit, "resources", "requests", resource);
                any |= !limit.isEmpty() || !request.isEmpty();
                all &= !limit.isEmpty() && request.equals(limit);
            }
        }
        return !any ? "BestEffort" : all ? "Guaranteed" : "Burstable";
    }
}
