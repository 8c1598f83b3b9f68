package dev.coracle.apiserver.authorization;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** A {@code PolicyRule}: these verbs on these resources, or on these paths. */
public record Rule(
        List<String> verbs,
        List<String> apiGroups,
        List<String> resources,
        List<String> resourceNames,
        List<String> nonResourceUrls) {

    private static final List<String> NONE = List.of();

    public static Rule of(Unstructured r) {
        return new Rule(
                r.stringList("verbs"),
                r.stringList("apiGroups"),
                r.stringList("resources"),
                r.stringList("resourceNames"),
                r.stringList("nonResourceURLs"));
    }

    Rule withVerbs(List<String> others) {
        return new Rule(others, apiGroups, resources, resourceNames, nonResourceUrls);
    }

    boolean covers(Attributes a) {
        if (!has(verbs, a.verb())) {
            return false;
        }
        if (!a.path().isEmpty()) {
            return nonResourceUrls.stream().anyMatch(u -> within(u, a.path()));
        }
        String resource = a.subresource().isEmpty() ? a.resource() : a.resource() + "/" + a.subresource();
        return has(apiGroups, a.group())
                && (has(resources, resource)
                        || !a.subresource().isEmpty() && resources.contains("*/" + a.subresource()))
                && (resourceNames.isEmpty() || resourceNames.contains(a.name()));
    }

    /**
     * Taken apart, down to one verb on one resource with at most one name, or on one path: each part is covered by one
     * other rule or by none.
     */
    public List<Rule> parts() {
        List<Rule> parts = new ArrayList<>();
        List<List<String>> names = resourceNames.isEmpty()
                ? List.of(List.of())
                : resourceNames.stream().map(List::of).toList();
        for (String verb : verbs) {
            nonResourceUrls.forEach(u -> parts.add(new Rule(List.of(verb), NONE, NONE, NONE, List.of(u))));
        }
        for (String group : apiGroups) {
            for (String resource : resources) {
                for (String verb : verbs) {
                    names.forEach(n -> parts.add(new Rule(List.of(verb), List.of(group), List.of(resource), n, NONE)));
                }
            }
        }
        return parts;
    }

    /** Whether whoever has this rule has all that {@code part}, one of {@link #parts}, gives. */
    public boolean covers(Rule part) {
        return all(verbs, part.verbs)
                && all(apiGroups, part.apiGroups)
                && part.resources.stream().allMatch(this::hasResource)
                && (resourceNames.isEmpty()
                        || !part.resourceNames.isEmpty() && resourceNames.containsAll(part.resourceNames))
                && part.nonResourceUrls.stream()
                        .allMatch(u -> nonResourceUrls.stream().anyMatch(own -> within(own, u)));
    }

    private boolean hasResource(String resource) {
        int slash = resource.indexOf('/');
        return has(resources, resource) || slash >= 0 && resources.contains("*" + resource.substring(slash));
    }

    private static boolean within(String own, String url) {
        return own.equals(url) || own.endsWith("*") && url.startsWith(own.replaceAll("\\*+$", ""));
    }

    private static boolean all(List<String> own, List<String> wanted) {
        return own.contains("*") || own.containsAll(wanted);
    }

    /** As messages have it: {@code {APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}}. */
    @Override
    public String toString() {
        List<String> fields = new ArrayList<>();
        field(fields, "APIGroups", apiGroups);
        field(fields, "Resources", resources);
        field(fields, "NonResourceURLs", nonResourceUrls);
        field(fields, "ResourceNames", resourceNames);
        field(fields, "Verbs", verbs);
        return "{" + String.join(", ", fields) + "}";
    }

    private static void field(List<String> fields, String name, List<String> values) {
        if (!values.isEmpty()) {
            fields.add(name + ":" + quoted(values));
        }
    }

    static String quoted(Collection<String> values) {
        return values.stream()
                .map(v -> "\"" + v.replace("\\", "\\\\").replace("\"", "\\\"") + "\"")
                .collect(Collectors.joining(" ", "[", "]"));
    }

    private static boolean has(List<String> values, String value) {
        return values.contains("*") || values.contains(value);
    }
}
