package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What upstream's defaulting fills in ({@code k8s.io/kubernetes/pkg/apis/.../v1/defaults.go}): what a client leaves out,
 * a reader finds written down. Amounts are put in their canonical form on the way, as upstream's decoder does it, so
 * that {@code 0.5} and {@code 500m} are one value.
 *
 * @param amounts rewrites quantities
 * @param object completes the whole
 * @param status completes what a write of the status alone may bring
 */
public record Defaults(Consumer<Unstructured> amounts, Consumer<Unstructured> object, Consumer<Unstructured> status) {
    /**
     * Completes {@code o} in place; doing it twice changes nothing.
     *
     * @throws StatusException 400 where an amount is none, as upstream's decoder has it
     */
    public static void apply(ResourceDefinition d, Unstructured o) {
        if (d.schema().isPresent()) {
            d.schema().get().prune(o.map(), unknown -> {});
        } else {
            dropNulls(o.map());
        }
        canonical(d, o);
        d.defaults().object().accept(o);
    }

    /** Of a write of the status alone, where nothing else can be incomplete. */
    public static void applyToStatus(ResourceDefinition d, Unstructured o) {
        canonical(d, o);
        d.defaults().status().accept(o);
    }

    private static void canonical(ResourceDefinition d, Unstructured o) {
        try {
            d.defaults().amounts().accept(o);
        } catch (IllegalArgumentException e) {
            throw StatusException.badRequest(
                    d.kind().kind() + " in version \"" + d.kind().version() + "\" cannot be handled as a "
                            + d.kind().kind() + ": " + e.getMessage());
        }
    }

    /**
     * In a typed object null is the same as absent; clients write {@code creationTimestamp: null} into pod templates, and
     * two templates that differ in nothing else must be equal.
     */
    private static void dropNulls(Object tree) {
        if (tree instanceof Map<?, ?> map) {
            List<?> nulls = map.entrySet().stream()
                    .filter(e -> e.getValue() == null)
                    .map(Map.Entry::getKey)
                    .toList();
            nulls.forEach(map::remove);
            map.values().forEach(Defaults::dropNulls);
        } else if (tree instanceof List<?> list) {
            list.forEach(Defaults::dropNulls);
        }
    }

    /** Sets what is not there. */
    public static void absent(Unstructured o, Object value, String... path) {
        if (!o.has(path)) {
            o.set(value instanceof Map<?, ?> m ? new LinkedHashMap<>(m) : value, path);
        }
    }
}
