package dev.coracle.apiserver.builtin.rbac;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rules for roles and their bindings. */
final class RbacRules {
    static final String GROUP = "rbac.authorization.k8s.io";

    private final Findings findings;

    RbacRules(Findings findings) {
        this.findings = findings;
    }

    void role(Unstructured o, boolean namespaced) {
        List<Unstructured> rules = o.objects("rules");
        for (int i = 0; i < rules.size(); i++) {
            rule(rules.get(i), "rules[" + i + "]", namespaced);
        }
    }

    void binding(Unstructured o, @Nullable Unstructured old) {
        roleRef(o);
        List<Unstructured> subjects = o.objects("subjects");
        for (int i = 0; i < subjects.size(); i++) {
            subject(subjects.get(i), "subjects[" + i + "]", o.kind().equals("ClusterRoleBinding"));
        }
        if (old != null && !Objects.equals(o.get("roleRef"), old.get("roleRef"))) {
            findings.invalid("roleRef", o.get("roleRef"), "cannot change roleRef");
        }
    }

    private void rule(Unstructured r, String path, boolean namespaced) {
        if (r.stringList("verbs").isEmpty()) {
            findings.required(path + ".verbs", "verbs must contain at least one value");
        }
        if (!r.stringList("nonResourceURLs").isEmpty()) {
            if (namespaced) {
                findings.invalid(
                        path + ".nonResourceURLs",
                        r.get("nonResourceURLs"),
                        "namespaced rules cannot apply to non-resource URLs");
            }
            if (!r.stringList("apiGroups").isEmpty()
                    || !r.stringList("resources").isEmpty()
                    || !r.stringList("resourceNames").isEmpty()) {
                findings.invalid(
                        path + ".nonResourceURLs",
                        r.get("nonResourceURLs"),
                        "rules cannot apply to both regular resources and non-resource URLs");
            }
            return;
        }
        if (r.stringList("apiGroups").isEmpty()) {
            findings.required(path + ".apiGroups", "resource rules must supply at least one api group");
        }
        if (r.stringList("resources").isEmpty()) {
            findings.required(path + ".resources", "resource rules must supply at least one resource");
        }
    }

    private void roleRef(Unstructured o) {
        if (!o.string("roleRef", "apiGroup").equals(GROUP)) {
            findings.notSupported("roleRef.apiGroup", o.string("roleRef", "apiGroup"), GROUP);
        }
        boolean cluster = o.kind().equals("ClusterRoleBinding");
        List<String> kinds = cluster ? List.of("ClusterRole") : List.of("Role", "ClusterRole");
        if (!kinds.contains(o.string("roleRef", "kind"))) {
            findings.notSupported("roleRef.kind", o.string("roleRef", "kind"), kinds.toArray(String[]::new));
        }
        if (o.string("roleRef", "name").isEmpty()) {
            findings.required("roleRef.name", "");
        }
    }

    /** @param everywhere whether the binding lies in no namespace, which an account's could be taken from */
    private void subject(Unstructured s, String path, boolean everywhere) {
        if (s.string("name").isEmpty()) {
            findings.required(path + ".name", "");
        }
        switch (s.string("kind")) {
            case "ServiceAccount" -> {
                if (!s.string("name").isEmpty()) {
                    findings.invalid(path + ".name", s.string("name"), Names.subdomain(s.string("name")));
                }
                if (!s.string("apiGroup").isEmpty()) {
                    findings.notSupported(path + ".apiGroup", s.string("apiGroup"), "");
                }
                if (everywhere && s.string("namespace").isEmpty()) {
                    findings.required(path + ".namespace", "");
                }
            }
            case "User", "Group" -> {
                if (!s.string("apiGroup").equals(GROUP)) {
                    findings.notSupported(path + ".apiGroup", s.string("apiGroup"), GROUP);
                }
            }
            default -> findings.notSupported(path + ".kind", s.string("kind"), "ServiceAccount", "User", "Group");
        }
    }
}
