package dev.coracle.apiserver.bootstrap;

import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code roles.txt} and {@code bindings.txt} as objects. */
record DefaultRoles(List<Unstructured> roles, List<Unstructured> bindings) {
    private static final String GROUP = "rbac.authorization.k8s.io";
    private static final String CONTROLLER = "system:controller:";
    private static final Map<String, String> VERBS = Map.of(
            "read", "get,list,watch",
            "write", "create,delete,deletecollection,patch,update",
            "manage", "create,delete,deletecollection,get,list,patch,update,watch");

    static DefaultRoles read() {
        Map<String, Unstructured> roles = new LinkedHashMap<>();
        Unstructured role = new Unstructured(new LinkedHashMap<>());
        for (String line : lines("roles.txt")) {
            if (line.startsWith("role ")) {
                role = role(line.split(" "));
                roles.put(role.name(), role);
            } else if (line.startsWith("aggregates ")) {
                role.add(
                        new Unstructured(new LinkedHashMap<>())
                                .set("true", "matchLabels", aggregation(line.substring("aggregates ".length()))),
                        "aggregationRule",
                        "clusterRoleSelectors");
            } else {
                role.add(rule(line), "rules");
            }
        }
        // Each aggregates those before it in this order, so that the widest has all.
        List.of("view", "edit", "admin").forEach(name -> aggregate(name, roles));
        List<Unstructured> bindings = new ArrayList<>();
        for (String line : lines("bindings.txt")) {
            String[] parts = line.split(" \\| ?");
            bindings.add(parts.length == 1 ? binding(parts[0]) : binding(parts[0], parts[1].split(", ")));
        }
        for (String name : roles.keySet()) {
            if (name.startsWith(CONTROLLER)) {
                bindings.add(controller(name));
            }
        }
        return new DefaultRoles(List.copyOf(roles.values()), bindings);
    }

    /** A Role, its rules written as in {@code roles.txt}. */
    static Unstructured namespaced(String namespace, String name, String... rules) {
        Unstructured role = object("Role", name).set(namespace, "metadata", "namespace");
        for (String line : rules) {
            role.add(rule(line), "rules");
        }
        return role;
    }

    /** The RoleBinding of a Role that is there. */
    static Unstructured namespacedBinding(String namespace, String name, String role, String... subjects) {
        return bound(object("RoleBinding", name).set(namespace, "metadata", "namespace"), "Role", role, subjects);
    }

    private static String aggregation(String name) {
        return GROUP + "/aggregate-to-" + name;
    }

    private static Unstructured object(String kind, String name) {
        return Unstructured.of(GROUP + "/v1", kind, "", name)
                .set("rbac-defaults", "metadata", "labels", "kubernetes.io/bootstrapping")
                .set("true", "metadata", "annotations", "rbac.authorization.kubernetes.io/autoupdate");
    }

    private static Unstructured role(String[] words) {
        Unstructured role = object("ClusterRole", words[1]);
        for (int i = 2; i < words.length; i++) {
            role.set("true", "metadata", "labels", aggregation(words[i]));
        }
        return role.set(new ArrayList<>(), "rules");
    }

    private static Unstructured rule(String line) {
        String[] parts = line.equals("events")
                ? rule("create,patch,update", "core,events.k8s.io", "events")
                : line.split(" \\| ");
        Unstructured rule =
                new Unstructured(new LinkedHashMap<>()).set(list(VERBS.getOrDefault(parts[0], parts[0])), "verbs");
        if (parts.length == 2) {
            return rule.set(list(parts[1]), "nonResourceURLs");
        }
        rule.set(list(parts[1]).stream().map(g -> g.equals("core") ? "" : g).toList(), "apiGroups");
        rule.set(list(parts[2]), "resources");
        return parts.length == 3 ? rule : rule.set(list(parts[3]), "resourceNames");
    }

    private static String[] rule(String... parts) {
        return parts;
    }

    private static List<String> list(String text) {
        return List.of(text.split(","));
    }

    /** Writes into an aggregating role what it selects, as the aggregation controller does once it runs. */
    private static void aggregate(String name, Map<String, Unstructured> roles) {
        Unstructured role = Objects.requireNonNull(roles.get(name));
        for (Unstructured other : roles.values()) {
            if (other.labels().containsKey(aggregation(name))) {
                other.objects("rules").forEach(r -> role.add(r, "rules"));
            }
        }
    }

    private static Unstructured binding(String role, String... subjects) {
        return bound(object("ClusterRoleBinding", role), "ClusterRole", role, subjects);
    }

    private static Unstructured bound(Unstructured b, String kind, String role, String... subjects) {
        b.set(
                new Unstructured(new LinkedHashMap<>())
                        .set(GROUP, "apiGroup")
                        .set(kind, "kind")
                        .set(role, "name"),
                "roleRef");
        for (String text : subjects) {
            String[] s = text.split(" ");
            Unstructured subject = new Unstructured(new LinkedHashMap<>()).set(s[0], "kind");
            if (s[0].equals("ServiceAccount")) {
                subject.set(s[1].split("/")[0], "namespace").set(s[1].split("/")[1], "name");
            } else {
                subject.set(GROUP, "apiGroup").set(s[1], "name");
            }
            b.add(subject, "subjects");
        }
        return b;
    }

    /** The controllers are one component here; the one that publishes load balancers' addresses is the service proxy. */
    private static Unstructured controller(String role) {
        String account = role.substring(CONTROLLER.length());
        return binding(
                role,
                "ServiceAccount kube-system/" + account,
                account.equals("service-controller")
                        ? "User system:kube-proxy"
                        : "User system:kube-controller-manager");
    }

    private static List<String> lines(String name) {
        try (InputStream in = Objects.requireNonNull(DefaultRoles.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(l -> !l.isBlank() && !l.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
