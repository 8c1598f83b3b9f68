package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rewrites quantities canonically: {@code 1000m} is {@code 1}. */
final class Amounts {
    private Amounts() {}

    /** @throws StatusException 400 where something else stands, as upstream's decoder has it */
    static void canonical(Unstructured o) {
        try {
            rewrite(o);
        } catch (IllegalArgumentException e) {
            throw StatusException.badRequest(o.kind() + " in version \""
                    + o.apiVersion().substring(o.apiVersion().lastIndexOf('/') + 1) + "\" cannot be handled as a "
                    + o.kind() + ": " + e.getMessage());
        }
    }

    private static void rewrite(Unstructured o) {
        switch (o.kind()) {
            case "Pod" -> pod(o.object("spec"));
            case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job" -> {
                pod(o.object("spec", "template", "spec"));
                o.objects("spec", "volumeClaimTemplates").forEach(Amounts::claim);
            }
            case "CronJob" -> pod(o.object("spec", "jobTemplate", "spec", "template", "spec"));
            case "PersistentVolumeClaim" -> {
                claim(o);
                map(o, "status", "capacity");
            }
            case "PersistentVolume" -> map(o, "spec", "capacity");
            case "Node" -> {
                map(o, "status", "capacity");
                map(o, "status", "allocatable");
            }
            case "ResourceQuota" -> map(o, "spec", "hard");
            case "LimitRange" ->
                o.objects("spec", "limits").forEach(l -> {
                    for (String m : List.of("min", "max", "default", "defaultRequest", "maxLimitRequestRatio")) {
                        map(l, m);
                    }
                });
            default -> {}
        }
    }

    private static void claim(Unstructured claim) {
        map(claim, "spec", "resources", "requests");
        map(claim, "spec", "resources", "limits");
    }

    private static void pod(Unstructured spec) {
        map(spec, "overhead");
        map(spec, "resources", "requests");
        map(spec, "resources", "limits");
        List<Unstructured> containers = new ArrayList<>(spec.objects("containers"));
        containers.addAll(spec.objects("initContainers"));
        for (Unstructured c : containers) {
            map(c, "resources", "requests");
            map(c, "resources", "limits");
        }
        for (Unstructured v : spec.objects("volumes")) {
            map(v, "emptyDir", "sizeLimit");
            claim(v.object("ephemeral", "volumeClaimTemplate"));
        }
    }

    /** The amount there, or all of the map there. */
    @SuppressWarnings("unchecked")
    private static void map(Unstructured o, String... path) {
        Object there = o.get(path);
        if (there instanceof Map<?, ?> m) {
            ((Map<String, Object>) m).replaceAll((k, v) -> amount(v));
        } else if (there instanceof String || there instanceof Number) {
            o.set(amount(there), path);
        }
    }

    private static Object amount(Object value) {
        if (value instanceof String || value instanceof Number) {
            return Quantity.parse(String.valueOf(value)).toString();
        }
        throw new IllegalArgumentException("unmarshalerDecoder: a quantity must be a string or a number");
    }
}
