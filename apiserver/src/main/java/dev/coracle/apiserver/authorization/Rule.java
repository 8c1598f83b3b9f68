package dev.coracle.apiserver.authorization;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** A {@code PolicyRule}: these verbs on these resources, or on these paths. */
public record Rule(
        List<String> verbs,
        List<String> apiGroups,
        List<String> resources,
        List<String> resourceNames,
        List<String> nonResourceUrls) {

    static Rule of(Unstructured r) {
        return new Rule(
                r.stringList("verbs"),
                r.stringList("apiGroups"),
                r.stringList("resources"),
                r.stringList("resourceNames"),
                r.stringList("nonResourceURLs"));
    }

    boolean covers(Attributes a) {
        if (!has(verbs, a.verb())) {
            return false;
        }
        if (!a.path().isEmpty()) {
            return nonResourceUrls.stream()
                    .anyMatch(u -> u.equals(a.path())
                            || u.endsWith("*") && a.path().startsWith(u.substring(0, u.length() - 1)));
        }
        String resource = a.subresource().isEmpty() ? a.resource() : a.resource() + "/" + a.subresource();
        return has(apiGroups, a.group())
                && (has(resources, resource)
                        || !a.subresource().isEmpty() && resources.contains("*/" + a.subresource()))
                && (resourceNames.isEmpty() || resourceNames.contains(a.name()));
    }

    private static boolean has(List<String> values, String value) {
        return values.contains("*") || values.contains(value);
    }
}
