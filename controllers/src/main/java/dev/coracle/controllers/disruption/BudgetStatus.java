package dev.coracle.controllers.disruption;

import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Share;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * What a budget allows: the decision, from its pods and how many of them their controllers want.
 *
 * <p>An eviction counts a disruption as done and notes the pod in {@code disruptedPods}; until the pod is seen to be going,
 * or {@link #PATIENCE} is over, it is not counted as healthy.
 *
 * @param expected how many pods there should be
 * @param desired how many of them must be healthy
 */
record BudgetStatus(Unstructured budget, List<Unstructured> pods, long expected, long desired, Instant now) {
    /** So long a pod that was to go may stay before it counts again. */
    static final Duration PATIENCE = Duration.ofMinutes(2);

    /** @param wanted how many pods the controllers of {@code pods} want; not asked for where a number is wanted */
    static BudgetStatus of(Unstructured budget, List<Unstructured> pods, LongSupplier wanted, Instant now) {
        Object most = budget.get("spec", "maxUnavailable");
        Object least = budget.get("spec", "minAvailable");
        if (most != null) {
            long expected = wanted.getAsLong();
            return new BudgetStatus(
                    budget, pods, expected, Math.max(0, expected - Share.of(most, expected, true)), now);
        }
        long expected = least instanceof String ? wanted.getAsLong() : least == null ? 0 : pods.size();
        return new BudgetStatus(budget, pods, expected, Share.of(least, expected, true), now);
    }

    /** Those whose going was allowed, is not seen yet, and may still come. */
    private Map<String, Instant> disrupted() {
        Map<String, Instant> disrupted = new TreeMap<>();
        for (Unstructured pod : pods) {
            noted(pod)
                    .filter(t -> !pod.isDeleting() && !t.plus(PATIENCE).isBefore(now))
                    .ifPresent(t -> disrupted.put(pod.name(), t));
        }
        return disrupted;
    }

    /** Those that should have gone, and did not. */
    List<Unstructured> stayed() {
        return pods.stream()
                .filter(p -> !p.isDeleting()
                        && noted(p).filter(t -> t.plus(PATIENCE).isBefore(now)).isPresent())
                .toList();
    }

    private Optional<Instant> noted(Unstructured pod) {
        return budget.object("status", "disruptedPods").time(pod.name());
    }

    /** When one of them is to be counted again. */
    Optional<Instant> recheck() {
        return disrupted().values().stream().min(Instant::compareTo).map(t -> t.plus(PATIENCE));
    }

    Unstructured status() {
        Map<String, Instant> disrupted = disrupted();
        long healthy = pods.stream()
                .filter(p -> !p.isDeleting() && !disrupted.containsKey(p.name()) && Pods.isReady(p))
                .count();
        Unstructured status = new Unstructured(new LinkedHashMap<>())
                .set(healthy, "currentHealthy")
                .set(desired, "desiredHealthy")
                .set(expected, "expectedPods")
                .set(expected <= 0 ? 0 : Math.max(0, healthy - desired), "disruptionsAllowed")
                .set(budget.generation(), "observedGeneration");
        disrupted.forEach((name, time) -> status.set(time, "disruptedPods", name));
        List<Unstructured> conditions = Conditions.of(budget);
        boolean allowed = status.integer(0, "disruptionsAllowed") > 0;
        condition(
                conditions,
                allowed ? "True" : "False",
                allowed ? "SufficientPods" : "InsufficientPods",
                "",
                budget.generation(),
                now);
        return status.set(conditions, "conditions");
    }

    /** That it cannot be told how many may go: none, then. */
    static Unstructured failed(Unstructured budget, String why, Instant now) {
        Unstructured status = budget.copy().object("status").copy().set(0, "disruptionsAllowed");
        List<Unstructured> conditions = Conditions.of(budget);
        condition(conditions, "False", "SyncFailed", why, budget.integer(0, "status", "observedGeneration"), now);
        return status.set(conditions, "conditions");
    }

    private static void condition(
            List<Unstructured> conditions, String status, String reason, String message, long generation, Instant now) {
        Conditions.set(conditions, "DisruptionAllowed", status, reason, message, now)
                .set(message, "message")
                .set(generation, "observedGeneration");
    }
}
