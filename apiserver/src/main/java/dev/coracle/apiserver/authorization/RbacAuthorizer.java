package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** RBAC: allowed is what a role says that is bound to the user or one of the groups; nothing is ever denied by rule. */
public final class RbacAuthorizer {
    private static final Set<String> PUBLIC = Set.of("/healthz", "/livez", "/readyz", "/version");

    /** Where roles and bindings are found, without authorization. */
    public interface Objects {
        List<Revision> list(GroupVersionResource resource, String namespace);

        Optional<Revision> get(GroupVersionResource resource, String namespace, String name);
    }

    private final Objects objects;

    public RbacAuthorizer(Objects objects) {
        this.objects = objects;
    }

    public boolean allows(UserInfo user, Attributes a) {
        if (user.groups().contains(UserInfo.MASTERS) || PUBLIC.contains(a.path())) {
            return true;
        }
        return bound(user, Resources.CLUSTER_ROLE_BINDINGS, "", a)
                || (!a.namespace().isEmpty() && bound(user, Resources.ROLE_BINDINGS, a.namespace(), a));
    }

    private boolean bound(UserInfo user, GroupVersionResource bindings, String namespace, Attributes a) {
        for (Revision binding : objects.list(bindings, namespace)) {
            Unstructured b = binding.object();
            if (b.objects("subjects").stream().anyMatch(s -> isSubject(s, user, namespace))
                    && rules(b, namespace).stream().anyMatch(rule -> covers(rule, a))) {
                return true;
            }
        }
        return false;
    }

    private List<Unstructured> rules(Unstructured binding, String namespace) {
        boolean cluster = binding.string("roleRef", "kind").equals("ClusterRole");
        return objects.get(
                        cluster ? Resources.CLUSTER_ROLES : Resources.ROLES,
                        cluster ? "" : namespace,
                        binding.string("roleRef", "name"))
                .map(r -> r.object().objects("rules"))
                .orElse(List.of());
    }

    private static boolean isSubject(Unstructured subject, UserInfo user, String namespace) {
        String name = subject.string("name");
        return switch (subject.string("kind")) {
            case "User" -> user.name().equals(name);
            case "Group" -> user.groups().contains(name);
            case "ServiceAccount" ->
                user.name().equals("system:serviceaccount:" + subject.stringOr(namespace, "namespace") + ":" + name);
            default -> false;
        };
    }

    private static boolean covers(Unstructured rule, Attributes a) {
        if (!has(rule, "verbs", a.verb())) {
            return false;
        }
        if (!a.path().isEmpty()) {
            return rule.stringList("nonResourceURLs").stream()
                    .anyMatch(u -> u.equals(a.path())
                            || u.endsWith("*") && a.path().startsWith(u.substring(0, u.length() - 1)));
        }
        String resource = a.subresource().isEmpty() ? a.resource() : a.resource() + "/" + a.subresource();
        List<String> names = rule.stringList("resourceNames");
        return has(rule, "apiGroups", a.group())
                && (has(rule, "resources", resource)
                        || !a.subresource().isEmpty()
                                && rule.stringList("resources").contains("*/" + a.subresource()))
                && (names.isEmpty() || names.contains(a.name()));
    }

    private static boolean has(Unstructured rule, String field, String value) {
        List<String> values = rule.stringList(field);
        return values.contains("*") || values.contains(value);
    }
}
