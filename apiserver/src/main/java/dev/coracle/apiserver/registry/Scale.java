package dev.coracle.apiserver.registry;

import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;

/** {@code autoscaling/v1 Scale}: of a workload, how many replicas are wanted and there, and which they are. */
public final class Scale {
    private Scale() {}

    /** The view of {@code workload}. */
    public static Unstructured of(Unstructured workload) {
        Unstructured scale = Unstructured.of("autoscaling/v1", "Scale", workload.namespace(), workload.name());
        for (String field : new String[] {"uid", "resourceVersion", "creationTimestamp"}) {
            scale.set(workload.get("metadata", field), "metadata", field);
        }
        return scale.set(workload.integer(0, "spec", "replicas"), "spec", "replicas")
                .set(workload.integer(0, "status", "replicas"), "status", "replicas")
                .set(selector(workload.object("spec", "selector")), "status", "selector");
    }

    /**
     * Writes what {@code scale} wants into {@code workload}.
     *
     * @throws StatusException 422 when that is less than nothing
     */
    static Unstructured into(Unstructured workload, Unstructured scale) {
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
        workload.set(replicas, "spec", "replicas");
        workload.set(scale.get("metadata", "uid"), "metadata", "uid");
        return workload.set(scale.resourceVersion(), "metadata", "resourceVersion");
    }

    private static String selector(Unstructured s) {
        List<String> terms = new ArrayList<>();
        s.strings("matchLabels").forEach((k, v) -> terms.add(k + "=" + v));
        for (Unstructured e : s.objects("matchExpressions")) {
            String values = "(" + String.join(",", e.stringList("values")) + ")";
            terms.add(
                    switch (e.string("operator")) {
                        case "In" -> e.string("key") + " in " + values;
                        case "NotIn" -> e.string("key") + " notin " + values;
                        case "DoesNotExist" -> "!" + e.string("key");
                        default -> e.string("key");
                    });
        }
        return String.join(",", terms);
    }
}
