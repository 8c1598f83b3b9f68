package dev.coracle.controllers.job;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Optional;

/** {@code spec.successPolicy}: which indexes' success, or how many's, is that of the whole Job. */
final class SuccessPolicy {
    private SuccessPolicy() {}

    /** Which rule is met, in words. */
    static Optional<String> met(JobSpec spec, Indexes succeeded) {
        List<Unstructured> rules = spec.successRules();
        for (int i = 0; i < rules.size() && succeeded.total() > 0; i++) {
            if (met(rules.get(i), spec, succeeded)) {
                return Optional.of("Matched rules at index " + i);
            }
        }
        return Optional.empty();
    }

    private static boolean met(Unstructured rule, JobSpec spec, Indexes succeeded) {
        long enough = rule.integer(Long.MAX_VALUE, "succeededCount");
        if (!rule.has("succeededIndexes")) {
            return succeeded.total() >= enough;
        }
        Indexes wanted = Indexes.parse(rule.string("succeededIndexes"), spec.size());
        int common = wanted.common(succeeded);
        return wanted.total() > 0 && (common == wanted.total() || common >= enough);
    }
}
