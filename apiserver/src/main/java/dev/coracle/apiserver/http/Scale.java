package dev.coracle.apiserver.http;

import dev.coracle.client.Patch;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.JsonPatch;
import dev.coracle.machinery.patch.MergePatch;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code autoscaling/v1 Scale}, a view of a workload's replicas. */
final class Scale {
    private Scale() {}

    static Map<String, Object> of(Unstructured workload) {
        Unstructured scale = Unstructured.of("autoscaling/v1", "Scale", workload.namespace(), workload.name());
        for (String field : new String[] {"uid", "resourceVersion", "creationTimestamp"}) {
            scale.set(workload.get("metadata", field), "metadata", field);
        }
        String selector = workload.strings("spec", "selector", "matchLabels").entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(","));
        return scale.set(workload.integer(0, "spec", "replicas"), "spec", "replicas")
                .set(workload.integer(0, "status", "replicas"), "status", "replicas")
                .set(selector, "status", "selector")
                .map();
    }

    @SuppressWarnings("unchecked")
    static Unstructured patched(Unstructured scale, Patch patch) {
        Object body = Json.parse(patch.body());
        Object result = patch.type() == Patch.Type.JSON
                ? JsonPatch.apply(scale.map(), body)
                : MergePatch.apply(scale.map(), body);
        if (result instanceof Map<?, ?> m) {
            return new Unstructured((Map<String, Object>) m);
        }
        throw StatusException.badRequest("the patch does not leave an object");
    }
}
