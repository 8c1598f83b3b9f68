package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How much a device has of something, and how much of it one claim can have: the driver may say what is given when nothing is
 * asked, and in which steps.
 *
 * @param least of a range; null when there is no range
 * @param most of a range; null when it has no end
 * @param step of a range, from its least on; null for any amount
 * @param values the only amounts there are; empty for any
 */
record Capacity(
        Quantity whole,
        @Nullable Quantity unasked,
        @Nullable Quantity least,
        @Nullable Quantity most,
        @Nullable Quantity step,
        List<Quantity> values) {
    static Capacity of(Unstructured capacity) {
        Unstructured policy = capacity.object("requestPolicy");
        Unstructured range = policy.object("validRange");
        return new Capacity(
                Quantity.of(capacity.get("value")),
                quantity(policy, "default"),
                quantity(range, "min"),
                quantity(range, "max"),
                quantity(range, "step"),
                policy.stringList("validValues").stream().map(Quantity::parse).toList());
    }

    private static @Nullable Quantity quantity(Unstructured of, String field) {
        return of.has(field) ? Quantity.of(of.get(field)) : null;
    }

    /**
     * What is taken for what is asked; nothing when one cannot have it so.
     *
     * @param asked null for whatever it be
     */
    Optional<Quantity> taken(@Nullable Quantity asked) {
        if (asked == null) {
            return Optional.of(unasked != null ? unasked : whole);
        }
        Quantity taken = rounded(asked);
        return unasked != null && !taken.equals(unasked) && violates(taken) ? Optional.empty() : Optional.of(taken);
    }

    private Quantity rounded(Quantity asked) {
        if (least == null) {
            return values.stream()
                    .filter(v -> v.compareTo(asked) >= 0)
                    .min(Comparator.naturalOrder())
                    .orElse(asked);
        }
        if (asked.compareTo(least) <= 0) {
            return least;
        }
        return step == null || step.signum() <= 0 ? asked : least.plus(step.times(steps(asked.minus(least), step)));
    }

    /** Rounded up. */
    private static long steps(Quantity above, Quantity step) {
        boolean whole = isWhole(above) && isWhole(step);
        long a = whole ? above.value() : above.milli();
        long s = Math.max(1, whole ? step.value() : step.milli());
        return a / s + (a % s == 0 ? 0 : 1);
    }

    private static boolean isWhole(Quantity q) {
        return Quantity.of(q.value()).equals(q);
    }

    private boolean violates(Quantity taken) {
        return least != null ? most != null && taken.compareTo(most) > 0 : !values.isEmpty() && !values.contains(taken);
    }
}
