package dev.coracle.apiserver.admission.podsecurity;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is said of the pods that were there before their namespace became stricter. */
final class ExistingPods {
    private static final int MOST = 3000;

    private ExistingPods() {}

    /** Pods that break the same rules are told of together, by the first one's name. */
    static List<String> warnings(String namespace, Standard standard, List<Unstructured> pods) {
        List<String> warnings = new ArrayList<>();
        var namesByReasons = new TreeMap<String, TreeSet<String>>();
        for (Unstructured pod : pods.subList(0, Math.min(MOST, pods.size()))) {
            List<Violation> broken = Check.violations(Checks.ALL, standard, Subject.of(pod));
            if (!broken.isEmpty()) {
                namesByReasons
                        .computeIfAbsent(Violation.reasons(broken), r -> new TreeSet<>())
                        .add(pod.name());
            }
        }
        if (pods.size() > MOST) {
            warnings.add("new PodSecurity enforce level only checked against the first " + MOST + " of " + pods.size()
                    + " existing pods");
        }
        if (!namesByReasons.isEmpty()) {
            warnings.add("existing pods in namespace \"" + namespace + "\" violate the new PodSecurity enforce level \""
                    + standard + "\"");
        }
        List<String> each = new ArrayList<>();
        namesByReasons.forEach((reasons, names) -> each.add(names.first() + others(names.size() - 1) + ": " + reasons));
        each.stream().sorted().forEach(warnings::add);
        return warnings;
    }

    private static String others(int count) {
        return switch (count) {
            case 0 -> "";
            case 1 -> " (and 1 other pod)";
            default -> " (and " + count + " other pods)";
        };
    }
}
