package dev.coracle.kubelet.container;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/**
 * What an event about one container is about: its pod, and where in it: {@code spec.containers{web}}. So the same event
 * about two containers of a pod is two events.
 */
public final class ContainerReference {
    private static final List<String> LISTS = List.of("initContainers", "containers", "ephemeralContainers");

    private ContainerReference() {}

    public static Unstructured of(Unstructured pod, Unstructured container) {
        String name = container.string("name");
        Unstructured reference = Unstructured.of(pod.apiVersion(), pod.kind(), pod.namespace(), pod.name())
                .set(pod.uid(), "metadata", "uid")
                .set(pod.resourceVersion(), "metadata", "resourceVersion");
        LISTS.stream()
                .filter(list -> pod.objects("spec", list).stream()
                        .anyMatch(c -> c.string("name").equals(name)))
                .findFirst()
                .ifPresent(list -> reference.set("spec." + list + "{" + name + "}", "fieldPath"));
        return reference;
    }
}
