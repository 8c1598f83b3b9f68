package dev.coracle.apiserver.registry;

import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether a pod may go for a reason that could wait ({@code pkg/registry/core/pod/storage/eviction.go}). The disruption
 * controller counts ahead, in the budget's status; each eviction takes one from there, by a write that fails when another
 * came between, and notes its pod.
 */
final class DisruptionBudgets {
    private static final int TRIES = 20;
    private static final int MOST_NOTED = 2000;

    /** How a pod may go. */
    enum Verdict {
        /** As it is. */
        FREE,
        /** Only if it does not change before: it is not counted now, and might be then. */
        UNCHANGED
    }

    private final Registry registry;
    private final Clock clock;

    DisruptionBudgets(Registry registry, Clock clock) {
        this.registry = registry;
        this.clock = clock;
    }

    /**
     * Takes the pod from its budget, if it has one.
     *
     * @throws StatusException 429 when the budget does not let it go
     */
    Verdict take(Unstructured pod, boolean dryRun) {
        if (pod.isDeleting() || Set.of("Succeeded", "Failed").contains(pod.string("status", "phase"))) {
            return Verdict.FREE;
        }
        if (pod.string("status", "phase").equals("Pending")) {
            return Verdict.UNCHANGED;
        }
        for (int i = 0; i < TRIES; i++) {
            List<Revision> matching = registry.list(
                            Resources.POD_DISRUPTION_BUDGETS, pod.namespace(), b -> selects(b.object(), pod), 0, "")
                    .items();
            if (matching.isEmpty()) {
                return Verdict.FREE;
            }
            if (matching.size() > 1) {
                throw StatusException.internal("This pod has more than one PodDisruptionBudget, which the eviction"
                        + " subresource does not support.");
            }
            Unstructured budget = matching.getFirst().object();
            if (!ready(pod) && mayGoUnready(budget)) {
                return Verdict.UNCHANGED;
            }
            Unstructured taken = taken(budget, pod.name());
            if (dryRun
                    || registry.write(Resources.POD_DISRUPTION_BUDGETS, matching.getFirst(), taken)
                            .isPresent()) {
                return Verdict.FREE;
            }
        }
        throw new StatusException(
                504,
                "Timeout",
                "Timeout: couldn't update PodDisruptionBudget due to conflicts",
                new Unstructured(new LinkedHashMap<>()).set(10, "retryAfterSeconds"));
    }

    private static boolean selects(Unstructured budget, Unstructured pod) {
        return budget.has("spec", "selector")
                && LabelSelector.of(budget.object("spec", "selector")).matches(pod.labels());
    }

    private static boolean mayGoUnready(Unstructured budget) {
        long desired = budget.integer(0, "status", "desiredHealthy");
        return budget.string("spec", "unhealthyPodEvictionPolicy").equals("AlwaysAllow")
                || budget.integer(0, "status", "currentHealthy") >= desired && desired > 0;
    }

    private Unstructured taken(Unstructured budget, String pod) {
        if (budget.integer(0, "status", "observedGeneration") < budget.generation()) {
            throw refusal("The disruption budget " + budget.name() + " is still being processed by the server.", 10);
        }
        if (budget.object("status", "disruptedPods").map().size() > MOST_NOTED) {
            throw StatusException.forbidden(
                    Resources.POD_DISRUPTION_BUDGETS,
                    budget.name(),
                    "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
        }
        long allowed = budget.integer(0, "status", "disruptionsAllowed");
        if (allowed <= 0) {
            throw refusal(
                    "The disruption budget " + budget.name() + " needs " + budget.integer(0, "status", "desiredHealthy")
                            + " healthy pods and has " + budget.integer(0, "status", "currentHealthy") + " currently",
                    0);
        }
        Unstructured next = budget.copy()
                .set(allowed - 1, "status", "disruptionsAllowed")
                .set(clock.now(), "status", "disruptedPods", pod);
        if (allowed == 1) {
            for (Unstructured c : next.objects("status", "conditions")) {
                if (c.string("type").equals("DisruptionAllowed")) {
                    c.set("False", "status").set("InsufficientPods", "reason").set(clock.now(), "lastTransitionTime");
                }
            }
        }
        return next;
    }

    private static boolean ready(Unstructured pod) {
        return pod.objects("status", "conditions").stream()
                .anyMatch(c ->
                        c.string("type").equals("Ready") && c.string("status").equals("True"));
    }

    private static StatusException refusal(String why, int retryAfter) {
        Unstructured details = new Unstructured(new LinkedHashMap<>());
        details.set(retryAfter == 0 ? null : retryAfter, "retryAfterSeconds");
        return new StatusException(
                429,
                "TooManyRequests",
                "Cannot evict pod as it would violate the pod's disruption budget.",
                details.set(List.of(Map.of("reason", "DisruptionBudget", "message", why)), "causes"));
    }
}
