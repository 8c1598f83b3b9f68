package dev.coracle.bench.load;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;

/** What objects are made of. */
enum Kind {
    CONFIGMAPS(Resources.CONFIG_MAPS) {
        @Override
        Unstructured object(String name, int size) {
            return Unstructured.of("v1", "ConfigMap", "", name).set("x".repeat(size), "data", "payload");
        }
    },
    /** No scheduler answers to that name, so that nodes have no part in it. */
    PODS(Resources.PODS) {
        @Override
        Unstructured object(String name, int size) {
            return Unstructured.of("v1", "Pod", "", name)
                    .set("x".repeat(size), "metadata", "annotations", "payload")
                    .set("nobody", "spec", "schedulerName")
                    .add(
                            Unstructured.of("v1", "Container")
                                    .remove("apiVersion")
                                    .remove("kind")
                                    .set("main", "name")
                                    .set("none.invalid/none:1", "image")
                                    .map(),
                            "spec",
                            "containers");
        }
    };

    private final GroupVersionResource resource;

    Kind(GroupVersionResource resource) {
        this.resource = resource;
    }

    GroupVersionResource resource() {
        return resource;
    }

    /** @param size of a payload in it, in bytes */
    abstract Unstructured object(String name, int size);
}
