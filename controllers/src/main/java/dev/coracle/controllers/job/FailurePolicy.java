package dev.coracle.controllers.job;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code spec.podFailurePolicy}: the first rule that a failed pod matches says what its failure is to the Job. */
final class FailurePolicy {
    private static final Outcome COUNTED = new Outcome(null, true, false);
    private static final Outcome IGNORED = new Outcome(null, false, false);
    private static final Outcome INDEX = new Outcome(null, true, true);

    private FailurePolicy() {}

    /**
     * @param fatal why the whole Job fails; null: it does not
     * @param counts towards the back-off limits
     * @param failsIndex for good
     */
    record Outcome(@Nullable String fatal, boolean counts, boolean failsIndex) {}

    static Outcome of(Unstructured pod, @Nullable List<Unstructured> rules) {
        if (rules == null) {
            return COUNTED;
        }
        for (int i = 0; i < rules.size(); i++) {
            Unstructured rule = rules.get(i);
            String why = rule.has("onExitCodes")
                    ? exit(pod, rule.object("onExitCodes"))
                    : condition(pod, rule.objects("onPodConditions"));
            if (why == null) {
                continue;
            }
            switch (rule.string("action")) {
                case "Ignore" -> {
                    return IGNORED;
                }
                case "FailIndex" -> {
                    return INDEX;
                }
                case "Count" -> {
                    return COUNTED;
                }
                case "FailJob" -> {
                    return new Outcome(why + " matching FailJob rule at index " + i, true, false);
                }
                default -> {} // one of a later version
            }
        }
        return COUNTED;
    }

    private static @Nullable String exit(Unstructured pod, Unstructured rule) {
        String only = rule.string("containerName");
        List<String> values = rule.stringList("values");
        boolean in = rule.string("operator").equals("In");
        for (String field : List.of("containerStatuses", "initContainerStatuses")) {
            for (Unstructured c : pod.objects("status", field)) {
                long code = c.integer(0, "state", "terminated", "exitCode");
                if (code != 0
                        && (only.isEmpty() || only.equals(c.string("name")))
                        && values.contains("" + code) == in) {
                    return "Container " + c.string("name") + " for pod " + pod.namespace() + "/" + pod.name()
                            + " failed with exit code " + code;
                }
            }
        }
        return null;
    }

    private static @Nullable String condition(Unstructured pod, List<Unstructured> patterns) {
        for (Unstructured c : pod.objects("status", "conditions")) {
            for (Unstructured p : patterns) {
                if (c.string("type").equals(p.string("type"))
                        && c.string("status").equals(p.stringOr("True", "status"))) {
                    return "Pod " + pod.namespace() + "/" + pod.name() + " has condition " + c.string("type");
                }
            }
        }
        return null;
    }
}
