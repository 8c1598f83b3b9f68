package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.admission.AdmissionRequest.Operation;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/**
 * Which requests: {@code resources} such as {@code pods}, {@code pods/status}, {@code *}{@code /scale}.
 *
 * @param names of the objects; empty for all
 */
public record Rule(
        List<String> operations,
        List<String> groups,
        List<String> versions,
        List<String> resources,
        String scope,
        List<String> names) {

    public static Rule of(Unstructured rule) {
        return new Rule(
                rule.stringList("operations"),
                rule.stringList("apiGroups"),
                rule.stringList("apiVersions"),
                rule.stringList("resources"),
                rule.stringOr("*", "scope"),
                rule.stringList("resourceNames"));
    }

    public boolean matches(
            Operation operation, GroupVersionResource resource, String subresource, String namespace, String name) {
        boolean namespaced = !namespace.isEmpty() && !resource.equals(Resources.NAMESPACES);
        return (names.isEmpty() || names.contains(name))
                && any(operations, operation.name())
                && any(groups, resource.group())
                && any(versions, resource.version())
                && (scope.equals("*") || scope.equals(namespaced ? "Namespaced" : "Cluster"))
                && resources.stream().anyMatch(r -> names(r, resource.resource(), subresource));
    }

    private static boolean any(List<String> allowed, String value) {
        return allowed.contains("*") || allowed.contains(value);
    }

    private static boolean names(String pattern, String resource, String subresource) {
        int slash = pattern.indexOf('/');
        String first = slash < 0 ? pattern : pattern.substring(0, slash);
        String second = slash < 0 ? "" : pattern.substring(slash + 1);
        return (first.equals("*") || first.equals(resource)) && (second.equals("*") || second.equals(subresource));
    }
}
