package dev.coracle.machinery.quota;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;

/** Which objects a ResourceQuota counts: {@code spec.scopes} and {@code spec.scopeSelector}. Only pods have scopes. */
public final class QuotaScopes {
    private QuotaScopes() {}

    public static boolean include(Unstructured quota, GroupVersionResource resource, Unstructured object) {
        List<String> scopes = quota.stringList("spec", "scopes");
        List<Unstructured> terms = quota.objects("spec", "scopeSelector", "matchExpressions");
        if (!resource.equals(Resources.PODS)) {
            return scopes.isEmpty() && terms.isEmpty();
        }
        return scopes.stream().allMatch(s -> in(s, "Exists", List.of(), object))
                && terms.stream()
                        .allMatch(t -> in(t.string("scopeName"), t.string("operator"), t.stringList("values"), object));
    }

    private static boolean in(String scope, String operator, List<String> values, Unstructured pod) {
        return switch (scope) {
            case "Terminating" -> pod.has("spec", "activeDeadlineSeconds");
            case "NotTerminating" -> !pod.has("spec", "activeDeadlineSeconds");
            case "BestEffort" -> bestEffort(pod);
            case "NotBestEffort" -> !bestEffort(pod);
            case "PriorityClass" -> matches(pod.string("spec", "priorityClassName"), operator, values);
            case "CrossNamespacePodAffinity" -> crossesNamespaces(pod);
            default -> false;
        };
    }

    private static boolean matches(String value, String operator, List<String> values) {
        return switch (operator) {
            case "In" -> values.contains(value);
            case "NotIn" -> !values.contains(value);
            case "DoesNotExist" -> value.isEmpty();
            default -> !value.isEmpty();
        };
    }

    private static boolean bestEffort(Unstructured pod) {
        List<Unstructured> all = new ArrayList<>(pod.objects("spec", "initContainers"));
        all.addAll(pod.objects("spec", "containers"));
        return all.stream()
                .allMatch(c -> c.strings("resources", "requests").isEmpty()
                        && c.strings("resources", "limits").isEmpty());
    }

    private static boolean crossesNamespaces(Unstructured pod) {
        for (String side : List.of("podAffinity", "podAntiAffinity")) {
            Unstructured affinity = pod.object("spec", "affinity", side);
            List<Unstructured> terms =
                    new ArrayList<>(affinity.objects("requiredDuringSchedulingIgnoredDuringExecution"));
            affinity.objects("preferredDuringSchedulingIgnoredDuringExecution")
                    .forEach(t -> terms.add(t.object("podAffinityTerm")));
            if (terms.stream().anyMatch(t -> !t.stringList("namespaces").isEmpty() || t.has("namespaceSelector"))) {
                return true;
            }
        }
        return false;
    }
}
