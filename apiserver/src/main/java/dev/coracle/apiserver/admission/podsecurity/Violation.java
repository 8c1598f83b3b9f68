package dev.coracle.apiserver.admission.podsecurity;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A rule that a pod breaks, worded as {@code k8s.io/pod-security-admission/policy} words it.
 *
 * @param reason short, the same for all pods that break the rule
 * @param detail who breaks it, and what would be right
 */
record Violation(String reason, String detail) {
    /** {@code reason (detail), reason (detail)}. */
    static String details(List<Violation> all) {
        return all.stream().map(v -> v.reason + " (" + v.detail + ")").collect(Collectors.joining(", "));
    }

    static String reasons(List<Violation> all) {
        return all.stream().map(Violation::reason).collect(Collectors.joining(", "));
    }

    // ---- how they are worded

    /** None where nobody breaks the rule: {@code container "a" must …}. */
    static Optional<Violation> by(List<String> containers, String reason, String what) {
        return by(false, containers, reason, what);
    }

    /** {@code pod and containers "a", "b" must …}. */
    static Optional<Violation> by(boolean pod, List<String> containers, String reason, String what) {
        List<String> who = new ArrayList<>();
        if (pod) {
            who.add("pod");
        }
        if (!containers.isEmpty()) {
            who.add(containers(containers));
        }
        return who.isEmpty()
                ? Optional.empty()
                : Optional.of(new Violation(reason, String.join(" and ", who) + " " + what));
    }

    static String containers(Collection<String> names) {
        return plural("container", names) + " " + quoted(names);
    }

    static String quoted(Collection<String> texts) {
        return texts.stream().map(t -> "\"" + t + "\"").collect(Collectors.joining(", "));
    }

    static String plural(String one, Collection<?> many) {
        return many.size() == 1 ? one : one + "s";
    }
}
