package dev.coracle.controllers.podautoscaler;

import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongBinaryOperator;
import java.util.function.ToLongFunction;

/**
 * How fast an autoscaler may act on what metrics ask for. Says what size that leaves and why; changes nothing.
 *
 * <p>Example: 10 replicas, metrics ask for 2, scaleDown has a window of 300 s and the policy "50 % in 60 s". Were 8 asked
 * for two minutes ago, 8 it is; when nothing above 2 was asked for in five minutes it is 5, and a minute later 3.
 */
record Behavior(Rules up, Rules down) {
    /** What {@code spec.behavior} leaves open, and what holds where it is not given at all. */
    static final Duration DOWN_WINDOW = Duration.ofSeconds(300);

    private static final double STANDARD_GROWTH = 2;
    private static final long STANDARD_SIZE = 4;

    /**
     * Of one direction.
     *
     * @param window the size is the most moderate of those that were asked for in it
     * @param select {@code Max}, {@code Min} or {@code Disabled}: which of the policies counts
     */
    record Rules(Duration window, String select, List<Policy> policies) {
        Duration longest() {
            return policies.stream()
                    .map(Policy::period)
                    .max(Duration::compareTo)
                    .orElse(Duration.ZERO);
        }
    }

    /** So many pods, or percent of those that there were, in a period. */
    record Policy(boolean percent, long value, Duration period) {}

    /** What holds for the size, of whatever it is that is asked for. */
    record Bounds(long current, long least, long most) {}

    /** @param type of the condition */
    record Verdict(String type, boolean status, String reason, String message) {}

    record Decision(long replicas, Verdict able, Verdict limited, Memory memory) {}

    private record Limit(long replicas, String reason, String message) {}

    /** Of one that says how; the server has filled in what it left open, except for the window downwards. */
    static Optional<Behavior> of(Unstructured hpa) {
        Unstructured behavior = hpa.object("spec", "behavior");
        return hpa.has("spec", "behavior")
                ? Optional.of(new Behavior(
                        rules(behavior.object("scaleUp"), Duration.ZERO),
                        rules(behavior.object("scaleDown"), DOWN_WINDOW)))
                : Optional.empty();
    }

    private static Rules rules(Unstructured rules, Duration window) {
        return new Rules(
                Duration.ofSeconds(rules.integer(window.toSeconds(), "stabilizationWindowSeconds")),
                rules.stringOr("Max", "selectPolicy"),
                rules.objects("policies").stream()
                        .map(p -> new Policy(
                                p.string("type").equals("Percent"),
                                p.integer(0, "value"),
                                Duration.ofSeconds(p.integer(0, "periodSeconds"))))
                        .toList());
    }

    // ---- without rules of its own

    static Decision standard(Memory memory, Bounds bounds, long desired, Instant now) {
        Instant since = now.minus(DOWN_WINDOW);
        long highest = memory.advice().stream()
                .filter(a -> !a.at().isBefore(since))
                .mapToLong(Memory.Advice::replicas)
                .reduce(desired, Math::max);
        Limit limit = standard(bounds, highest);
        return new Decision(
                limit.replicas(),
                highest == desired ? able() : heldDown(),
                limited(limit, highest),
                memory.advised(desired, DOWN_WINDOW, now));
    }

    private static Limit standard(Bounds bounds, long desired) {
        long fastest = (long) Math.max(STANDARD_GROWTH * bounds.current(), STANDARD_SIZE);
        if (desired < bounds.least()) {
            return tooFew(bounds.least());
        }
        if (desired > Math.min(bounds.most(), fastest)) {
            return bounds.most() > fastest ? tooFast(fastest) : tooMany(bounds.most());
        }
        return within(desired);
    }

    // ---- by the rules

    Decision decide(Memory memory, Bounds bounds, long desired, Instant now) {
        long lowest = desired;
        long highest = desired;
        for (Memory.Advice a : memory.advice()) {
            if (a.at().isAfter(now.minus(up.window()))) {
                lowest = Math.min(lowest, a.replicas());
            }
            if (a.at().isAfter(now.minus(down.window()))) {
                highest = Math.max(highest, a.replicas());
            }
        }
        // Up to the lowest, else down to the highest, else where it is.
        long steady = Math.min(Math.max(bounds.current(), lowest), highest);
        Verdict able = able();
        if (steady != desired) {
            able = desired >= bounds.current() ? heldUp() : heldDown();
        }
        Limit limit = limit(memory, bounds, steady, now);
        Duration longest = up.window().compareTo(down.window()) > 0 ? up.window() : down.window();
        return new Decision(limit.replicas(), able, limited(limit, steady), memory.advised(desired, longest, now));
    }

    private Limit limit(Memory memory, Bounds bounds, long desired, Instant now) {
        long current = bounds.current();
        if (desired > current) {
            long fastest = Math.max(current, fastest(up, current, Math::max, p -> {
                long before = memory.before(p.period(), current, now);
                return p.percent() ? (long) Math.ceil(before * (1 + p.value() / 100.0)) : before + p.value();
            }));
            if (desired > Math.min(bounds.most(), fastest)) {
                return bounds.most() > fastest ? tooFast(fastest) : tooMany(bounds.most());
            }
        } else if (desired < current) {
            long fastest = Math.min(current, fastest(down, current, Math::min, p -> {
                long before = memory.before(p.period(), current, now);
                return p.percent() ? (long) (before * (1 - p.value() / 100.0)) : before - p.value();
            }));
            if (desired < Math.max(bounds.least(), fastest)) {
                return bounds.least() < fastest ? tooFastDown(fastest) : tooFew(bounds.least());
            }
        }
        return within(desired);
    }

    /** @param farther of two sizes, the one that is the greater change */
    private static long fastest(Rules rules, long current, LongBinaryOperator farther, ToLongFunction<Policy> size) {
        if (rules.select().equals("Disabled")) {
            return current;
        }
        LongBinaryOperator nearer = (a, b) -> farther.applyAsLong(a, b) == a ? b : a;
        return rules.policies().stream()
                .mapToLong(size)
                .reduce(rules.select().equals("Min") ? nearer : farther)
                .orElse(current);
    }

    // ---- words

    private static Verdict able() {
        return new Verdict("AbleToScale", true, "ReadyForNewScale", "recommended size matches current size");
    }

    private static Verdict heldUp() {
        return new Verdict(
                "AbleToScale",
                true,
                "ScaleUpStabilized",
                "recent recommendations were lower than current one, applying the lowest recent recommendation");
    }

    private static Verdict heldDown() {
        return new Verdict(
                "AbleToScale",
                true,
                "ScaleDownStabilized",
                "recent recommendations were higher than current one, applying the highest recent recommendation");
    }

    private static Verdict limited(Limit limit, long steady) {
        return new Verdict("ScalingLimited", limit.replicas() != steady, limit.reason(), limit.message());
    }

    private static Limit within(long size) {
        return new Limit(size, "DesiredWithinRange", "the desired count is within the acceptable range");
    }

    private static Limit tooFew(long size) {
        return new Limit(size, "TooFewReplicas", "the desired replica count is less than the minimum replica count");
    }

    private static Limit tooMany(long size) {
        return new Limit(size, "TooManyReplicas", "the desired replica count is more than the maximum replica count");
    }

    private static Limit tooFast(long size) {
        return new Limit(
                size, "ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate");
    }

    private static Limit tooFastDown(long size) {
        return new Limit(
                size, "ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate");
    }
}
