package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.definition.ScalePaths;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** {@code autoscaling/v1 Scale}: of a workload, how many replicas are wanted and there, and which they are. */
public final class Scale {
    private Scale() {}

    /** The view of {@code workload}. */
    public static Unstructured of(ResourceDefinition d, Unstructured workload) {
        ScalePaths paths = d.scale();
        Unstructured scale = Unstructured.of("autoscaling/v1", "Scale", workload.namespace(), workload.name());
        for (String field : new String[] {"uid", "resourceVersion", "creationTimestamp"}) {
            scale.set(workload.get("metadata", field), "metadata", field);
        }
        return scale.set(workload.integer(0, path(paths.wanted())), "spec", "replicas")
                .set(workload.integer(0, path(paths.there())), "status", "replicas")
                .set(paths.selector().apply(workload), "status", "selector");
    }

    /**
     * Writes what {@code scale} wants into {@code workload}.
     *
     * @throws StatusException 422 when that is less than nothing
     */
    static Unstructured into(ResourceDefinition d, Unstructured workload, Unstructured scale) {
        long replicas = scale.integer(0, "spec", "replicas");
        if (replicas < 0) {
            throw StatusException.invalid(
                    new GroupVersionKind("autoscaling", "v1", "Scale"),
                    workload.name(),
                    List.of(new Cause(
                            "FieldValueInvalid",
                            "Invalid value: " + replicas + ": must be greater than or equal to 0",
                            "spec.replicas")));
        }
        workload.set(replicas, path(d.scale().wanted()));
        workload.set(scale.get("metadata", "uid"), "metadata", "uid");
        return workload.set(scale.resourceVersion(), "metadata", "resourceVersion");
    }

    private static String[] path(List<String> steps) {
        return steps.toArray(String[]::new);
    }
}
