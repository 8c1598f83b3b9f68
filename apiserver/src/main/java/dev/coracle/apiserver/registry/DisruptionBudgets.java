package dev.coracle.apiserver.registry;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a pod may go for a reason that could wait. Upstream's disruption controller counts ahead, in the budget's
 * status, and evictions count down from there; here the pods themselves are counted when it matters, which cannot be out
 * of date.
 */
final class DisruptionBudgets {
    static final GroupVersionResource BUDGETS = new GroupVersionResource("policy", "v1", "poddisruptionbudgets");

    private final Registry registry;

    DisruptionBudgets(Registry registry) {
        this.registry = registry;
    }

    void check(Unstructured pod) {
        if (pod.isDeleting() || Set.of("Succeeded", "Failed", "Pending").contains(pod.string("status", "phase"))) {
            return;
        }
        List<Unstructured> matching =
                registry.list(BUDGETS, pod.namespace(), b -> selects(b.object(), pod), 0, "").items().stream()
                        .map(Revision::object)
                        .toList();
        if (matching.size() > 1) {
            throw StatusException.internal("This pod has more than one PodDisruptionBudget, which the eviction"
                    + " subresource does not support.");
        }
        if (!matching.isEmpty()) {
            check(pod, matching.getFirst());
        }
    }

    private static boolean selects(Unstructured budget, Unstructured pod) {
        return budget.has("spec", "selector")
                && LabelSelector.of(budget.object("spec", "selector")).matches(pod.labels());
    }

    private void check(Unstructured pod, Unstructured budget) {
        List<Unstructured> pods =
                registry.list(Resources.PODS, pod.namespace(), p -> selects(budget, p.object()), 0, "").items().stream()
                        .map(Revision::object)
                        .filter(p -> !Set.of("Succeeded", "Failed").contains(p.string("status", "phase")))
                        .toList();
        long healthy = pods.stream().filter(p -> !p.isDeleting() && ready(p)).count();
        long desired = desired(budget, pods);
        boolean always = budget.string("spec", "unhealthyPodEvictionPolicy").equals("AlwaysAllow");
        if (!ready(pod) && (always || healthy >= desired && desired > 0)) {
            return;
        }
        if (healthy - 1 < desired) {
            throw refusal(budget.name(), desired, healthy);
        }
    }

    private long desired(Unstructured budget, List<Unstructured> pods) {
        if (budget.has("spec", "maxUnavailable")) {
            long expected = expected(pods);
            return Math.max(0, expected - scaled(budget.get("spec", "maxUnavailable"), expected));
        }
        Object min = budget.get("spec", "minAvailable");
        return min instanceof Number n ? n.longValue() : scaled(min, expected(pods));
    }

    /** A number, or the percentage of {@code total} rounded up. */
    private static long scaled(@org.jspecify.annotations.Nullable Object value, long total) {
        if (value instanceof Number n) {
            return n.longValue();
        }
        if (value instanceof String s && s.endsWith("%")) {
            return (Long.parseLong(s.substring(0, s.length() - 1)) * total + 99) / 100;
        }
        return 0;
    }

    /** How many pods their controllers want; each pod without one counts itself. */
    private long expected(List<Unstructured> pods) {
        Map<String, Long> wanted = new LinkedHashMap<>();
        for (Unstructured p : pods) {
            Optional<OwnerReference> owner = p.controllerOf();
            if (owner.isEmpty()) {
                wanted.put(p.uid(), 1L);
            } else {
                scale(p.namespace(), owner.get()).ifPresent(w -> wanted.put(w.uid(), w.integer(1, "spec", "replicas")));
            }
        }
        return wanted.values().stream().mapToLong(n -> n).sum();
    }

    private Optional<Unstructured> scale(String namespace, OwnerReference owner) {
        GroupVersionResource resource = switch (owner.kind()) {
            case "ReplicaSet" -> Resources.REPLICA_SETS;
            case "Deployment" -> Resources.DEPLOYMENTS;
            case "StatefulSet" -> Resources.STATEFUL_SETS;
            default -> null;
        };
        if (resource == null) {
            return Optional.empty();
        }
        Optional<Unstructured> found =
                registry.find(resource, namespace, owner.name()).map(Revision::object);
        return found.flatMap(Unstructured::controllerOf)
                .flatMap(o -> scale(namespace, o))
                .or(() -> found);
    }

    private static boolean ready(Unstructured pod) {
        return pod.objects("status", "conditions").stream()
                .anyMatch(c ->
                        c.string("type").equals("Ready") && c.string("status").equals("True"));
    }

    private static StatusException refusal(String budget, long desired, long healthy) {
        Unstructured details = new Unstructured(new LinkedHashMap<>());
        Map<String, Object> cause = new LinkedHashMap<>();
        cause.put("reason", "DisruptionBudget");
        cause.put(
                "message",
                "The disruption budget " + budget + " needs " + desired + " healthy pods and has " + healthy
                        + " currently");
        return new StatusException(
                429,
                "TooManyRequests",
                "Cannot evict pod as it would violate the pod's disruption budget.",
                details.set(List.of(cause), "causes"));
    }
}
