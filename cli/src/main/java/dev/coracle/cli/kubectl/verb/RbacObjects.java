package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code kubectl create role|clusterrole|rolebinding|clusterrolebinding}. */
final class RbacObjects {
    private static final String GROUP = "rbac.authorization.k8s.io";

    private RbacObjects() {}

    static Unstructured role(Flags.Line line, String name, Catalog catalog) {
        if (verbs(line).isEmpty()) {
            throw new Failure("at least one verb must be specified");
        }
        if (split(line, "resource").isEmpty()) {
            throw new Failure("at least one resource must be specified");
        }
        return Unstructured.of(GROUP + "/v1", "Role", "", name).set(rules(line, catalog), "rules");
    }

    static Unstructured clusterRole(Flags.Line line, String name, Catalog catalog) {
        Unstructured role = Unstructured.of(GROUP + "/v1", "ClusterRole", "", name);
        if (line.has("aggregation-rule")) {
            if (line.has("verb") || line.has("resource") || line.has("non-resource-url")) {
                throw new Failure("aggregation rule must be specified without verbs, resources or nonResourceURLs");
            }
            Unstructured selector = new Unstructured(new LinkedHashMap<>())
                    .set(Made.labels(line.get("aggregation-rule")), "matchLabels");
            return role.add(selector, "aggregationRule", "clusterRoleSelectors").set(List.of(), "rules");
        }
        if (verbs(line).isEmpty()) {
            throw new Failure("at least one verb must be specified");
        }
        List<String> urls = split(line, "non-resource-url");
        if (split(line, "resource").isEmpty() && urls.isEmpty()) {
            throw new Failure("one of resource or nonResourceURL must be specified");
        }
        List<Object> rules = new ArrayList<>(rules(line, catalog));
        if (!urls.isEmpty()) {
            Map<String, Object> rule = new LinkedHashMap<>();
            rule.put("nonResourceURLs", urls);
            rule.put("verbs", verbs(line));
            rules.add(rule);
        }
        return role.set(rules, "rules");
    }

    /** One rule for the resources of each group. */
    private static List<Object> rules(Flags.Line line, Catalog catalog) {
        Map<String, List<String>> byGroup = new TreeMap<>();
        List<String> wanted = split(line, "resource");
        // As kubectl: a star alone stands for whatever else is named.
        for (String resource : wanted.contains("*") ? List.of("*") : wanted) {
            String[] parts = resource.split("/", 2);
            String sub = parts.length > 1 ? "/" + parts[1] : "";
            // Every resource: of the core, *.apps of that group, *.* of all.
            if (parts[0].equals("*") || parts[0].startsWith("*.")) {
                String group = parts[0].substring(Math.min(2, parts[0].length()));
                byGroup.computeIfAbsent(group, g -> new ArrayList<>()).add("*" + sub);
            } else {
                var found = catalog.find(parts[0]).resource();
                byGroup.computeIfAbsent(found.group(), g -> new ArrayList<>()).add(found.resource() + sub);
            }
        }
        List<Object> rules = new ArrayList<>();
        byGroup.forEach((group, resources) -> {
            Map<String, Object> rule = new LinkedHashMap<>();
            rule.put("apiGroups", List.of(group));
            if (line.has("resource-name")) {
                rule.put("resourceNames", split(line, "resource-name"));
            }
            rule.put("resources", resources.stream().distinct().toList());
            rule.put("verbs", verbs(line));
            rules.add(rule);
        });
        return rules;
    }

    /** {@code *} is all, whatever else is named. */
    private static List<String> verbs(Flags.Line line) {
        List<String> verbs = split(line, "verb");
        return verbs.contains("*") ? List.of("*") : verbs;
    }

    private static List<String> split(Flags.Line line, String flag) {
        return line.all(flag).stream()
                .flatMap(v -> List.of(v.split(",")).stream())
                .filter(v -> !v.isEmpty())
                .distinct()
                .toList();
    }

    static Unstructured binding(Flags.Line line, String name, boolean cluster) {
        boolean toClusterRole = !line.get("clusterrole").isEmpty();
        boolean toRole = !line.get("role").isEmpty();
        if (cluster && !toClusterRole) {
            throw new Failure("required flag(s) \"clusterrole\" not set");
        }
        if (toClusterRole == toRole) {
            throw new Failure("exactly one of clusterrole or role must be specified");
        }
        Unstructured binding = Unstructured.of(GROUP + "/v1", cluster ? "ClusterRoleBinding" : "RoleBinding", "", name);
        binding.set(GROUP, "roleRef", "apiGroup")
                .set(toClusterRole ? "ClusterRole" : "Role", "roleRef", "kind")
                .set(toClusterRole ? line.get("clusterrole") : line.get("role"), "roleRef", "name");
        split(line, "user").forEach(u -> binding.add(subject(GROUP, "User", u), "subjects"));
        split(line, "group").forEach(g -> binding.add(subject(GROUP, "Group", g), "subjects"));
        for (String account : split(line, "serviceaccount")) {
            String[] parts = account.split(":", -1);
            if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
                throw new Failure("serviceaccount must be <namespace>:<name>");
            }
            Map<String, Object> subject = subject("", "ServiceAccount", parts[1]);
            subject.put("namespace", parts[0]);
            binding.add(subject, "subjects");
        }
        return binding;
    }

    private static Map<String, Object> subject(String group, String kind, String name) {
        Map<String, Object> subject = new LinkedHashMap<>();
        if (!group.isEmpty()) {
            subject.put("apiGroup", group);
        }
        subject.put("kind", kind);
        subject.put("name", name);
        return subject;
    }
}
