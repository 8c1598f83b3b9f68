package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rewrites quantities canonically: {@code 1000m} is {@code 1}. All throw IllegalArgumentException for what is none. */
public final class Amounts {
    private Amounts() {}

    /** Of the template that {@code path} leads to. */
    public static void template(Unstructured o, String... path) {
        pod(o.object(path).object("spec"));
    }

    public static void claim(Unstructured claim) {
        map(claim, "spec", "resources", "requests");
        map(claim, "spec", "resources", "limits");
    }

    /** @param spec of a pod */
    public static void pod(Unstructured spec) {
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
    public static void map(Unstructured o, String... path) {
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
