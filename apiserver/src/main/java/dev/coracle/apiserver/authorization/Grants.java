package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All roles and bindings, turned round: from subject to rules, as a request needs them. An immutable picture of one
 * moment, told by the versions of the four resources.
 */
final class Grants {
    static final Grants NONE = new Grants(List.of(-1L), Map.of(), Map.of());

    /**
     * @param namespace where it holds; {@code ""} everywhere
     * @param origin e.g. {@code ClusterRoleBinding "view" of ClusterRole "view" to User "ann"}
     */
    record Grant(String namespace, List<Rule> rules, String origin) {}

    private final List<Long> versions;
    /** By {@code User/name} or {@code Group/name}. */
    private final Map<String, List<Grant>> bySubject;
    /** By {@code Role/namespace/name} or {@code ClusterRole//name}. */
    private final Map<String, List<Rule>> roles;

    private Grants(List<Long> versions, Map<String, List<Rule>> roles, Map<String, List<Grant>> bySubject) {
        this.versions = versions;
        this.roles = roles;
        this.bySubject = bySubject;
    }

    private static List<Long> versions(RbacAuthorizer.Objects o) {
        return List.of(
                o.version(Resources.CLUSTER_ROLES),
                o.version(Resources.CLUSTER_ROLE_BINDINGS),
                o.version(Resources.ROLES),
                o.version(Resources.ROLE_BINDINGS));
    }

    boolean isCurrent(RbacAuthorizer.Objects o) {
        return versions.equals(versions(o));
    }

    static Grants of(RbacAuthorizer.Objects o) {
        // Read first: a change in between makes this picture old, never wrong for good.
        List<Long> versions = versions(o);
        Map<String, List<Rule>> roles = new HashMap<>();
        for (var resource : List.of(Resources.CLUSTER_ROLES, Resources.ROLES)) {
            o.all(resource).forEach(r -> roles.put(r.object().kind() + "/" + r.namespace() + "/" + r.name(), rules(r)));
        }
        Map<String, List<Grant>> bySubject = new HashMap<>();
        for (var resource : List.of(Resources.CLUSTER_ROLE_BINDINGS, Resources.ROLE_BINDINGS)) {
            for (Revision b : o.all(resource)) {
                bind(b.object(), roles, bySubject);
            }
        }
        return new Grants(versions, roles, bySubject);
    }

    private static void bind(Unstructured b, Map<String, List<Rule>> roles, Map<String, List<Grant>> bySubject) {
        String kind = b.string("roleRef", "kind");
        String name = b.string("roleRef", "name");
        List<Rule> rules = roles.get(key(kind, b.namespace(), name));
        if (rules == null) {
            return;
        }
        String binding = b.namespace().isEmpty() ? b.name() : b.name() + "/" + b.namespace();
        for (Unstructured s : b.objects("subjects")) {
            String subject = s.string("name");
            String namespace = s.stringOr(b.namespace(), "namespace");
            String key = switch (s.string("kind")) {
                case "User" -> "User/" + subject;
                case "Group" -> "Group/" + subject;
                case "ServiceAccount" -> "User/system:serviceaccount:" + namespace + ":" + subject;
                default -> "";
            };
            String who = s.string("kind").equals("ServiceAccount") ? subject + "/" + namespace : subject;
            bySubject
                    .computeIfAbsent(key, k -> new ArrayList<>())
                    .add(new Grant(
                            b.namespace(),
                            rules,
                            b.kind() + " \"" + binding + "\" of " + kind + " \"" + name + "\" to " + s.string("kind")
                                    + " \"" + who + "\""));
        }
    }

    private static String key(String kind, String namespace, String name) {
        return kind + "/" + (kind.equals("ClusterRole") ? "" : namespace) + "/" + name;
    }

    private static List<Rule> rules(Revision role) {
        return role.object().objects("rules").stream().map(Rule::of).toList();
    }

    Optional<List<Rule>> role(String kind, String namespace, String name) {
        return Optional.ofNullable(roles.get(key(kind, namespace, name)));
    }

    List<Grant> of(UserInfo user, String namespace) {
        List<Grant> found = new ArrayList<>();
        add(found, "User/" + user.name(), namespace);
        user.groups().forEach(g -> add(found, "Group/" + g, namespace));
        return found;
    }

    private void add(List<Grant> found, String subject, String namespace) {
        for (Grant g : bySubject.getOrDefault(subject, List.of())) {
            if (g.namespace().isEmpty() || g.namespace().equals(namespace)) {
                found.add(g);
            }
        }
    }
}
