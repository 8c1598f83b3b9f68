package dev.coracle.cli.why;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** NetworkPolicies that let nobody in. That they let only some in is what they are for. */
final class Policies {
    private Policies() {}

    /** @param pods that a Service leads to */
    static Optional<Finding> closed(View view, Unstructured service, List<Unstructured> pods) {
        for (Unstructured pod : pods) {
            List<Unstructured> isolating = view.list(Resources.NETWORK_POLICIES, pod.namespace()).stream()
                    .filter(p -> inward(p)
                            && LabelSelector.of(p.object("spec", "podSelector")).matches(pod.labels()))
                    .toList();
            boolean open = isolating.isEmpty()
                    || service.objects("spec", "ports").stream()
                            .anyMatch(port -> isolating.stream().anyMatch(p -> lets(p, port, pod)));
            if (open) {
                return Optional.empty();
            }
        }
        Unstructured pod = pods.getFirst();
        List<String> names = view.list(Resources.NETWORK_POLICIES, pod.namespace()).stream()
                .filter(p -> inward(p)
                        && LabelSelector.of(p.object("spec", "podSelector")).matches(pod.labels()))
                .map(Unstructured::name)
                .toList();
        return Optional.of(new Finding(
                Subject.of(service),
                "PolicyClosed",
                "Its pods are ready, but no NetworkPolicy lets anybody in to the port that it leads to: "
                        + String.join(", ", names) + ".",
                List.of("policies that select pod " + pod.name() + ": " + String.join(", ", names)),
                "kubectl " + Subject.of(service).flag() + "describe networkpolicy " + names.getFirst()));
    }

    private static boolean inward(Unstructured policy) {
        List<String> types = policy.stringList("spec", "policyTypes");
        return types.isEmpty() || types.contains("Ingress");
    }

    private static boolean lets(Unstructured policy, Unstructured servicePort, Unstructured pod) {
        return policy.objects("spec", "ingress").stream()
                .anyMatch(rule -> rule.objects("ports").isEmpty()
                        || rule.objects("ports").stream().anyMatch(p -> same(p, servicePort, pod)));
    }

    private static boolean same(Unstructured rule, Unstructured servicePort, Unstructured pod) {
        Object port = rule.get("port");
        if (port == null) {
            return true;
        }
        Object target = servicePort.get("targetPort");
        Object wanted = target == null ? servicePort.get("port") : target;
        if (port.equals(wanted)) {
            return true;
        }
        long number = number(wanted, pod);
        long from = number(port, pod);
        return number == from || rule.has("endPort") && number >= from && number <= rule.integer(0, "endPort");
    }

    private static long number(@Nullable Object port, Unstructured pod) {
        return port instanceof Number n
                ? n.longValue()
                : pod.objects("spec", "containers").stream()
                        .flatMap(c -> c.objects("ports").stream())
                        .filter(p -> p.string("name").equals(port))
                        .mapToLong(p -> p.integer(0, "containerPort"))
                        .findFirst()
                        .orElse(-1);
    }
}
