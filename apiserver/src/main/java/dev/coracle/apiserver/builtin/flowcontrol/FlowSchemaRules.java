package dev.coracle.apiserver.builtin.flowcontrol;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules of FlowSchemas. */
final class FlowSchemaRules {
    private static final long LAST = 10_000;
    private static final String[] VERBS = {
        "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"
    };
    /** The field in which a subject of each kind is told. */
    private static final Map<String, String> SUBJECTS =
            Map.of("ServiceAccount", "serviceAccount", "User", "user", "Group", "group");

    private final Findings findings;

    FlowSchemaRules(Findings findings) {
        this.findings = findings;
    }

    void check(Unstructured o) {
        Unstructured spec = o.object("spec");
        long precedence = spec.integer(0, "matchingPrecedence");
        if (precedence <= 0) {
            findings.invalid("spec.matchingPrecedence", precedence, "must be a positive value");
        }
        if (precedence > LAST) {
            findings.invalid("spec.matchingPrecedence", precedence, "must not be greater than " + LAST);
        }
        if (precedence == 1 && !o.name().equals("exempt")) {
            findings.invalid(
                    "spec.matchingPrecedence",
                    precedence,
                    "only the schema named 'exempt' may have matchingPrecedence 1");
        }
        if (spec.has("distinguisherMethod")
                && !List.of("ByNamespace", "ByUser").contains(spec.string("distinguisherMethod", "type"))) {
            findings.notSupported(
                    "spec.distinguisherMethod.type", spec.get("distinguisherMethod"), "ByNamespace", "ByUser");
        }
        String level = spec.string("priorityLevelConfiguration", "name");
        if (level.isEmpty()) {
            findings.required("spec.priorityLevelConfiguration.name", "must reference a priority level");
        } else {
            findings.invalid("spec.priorityLevelConfiguration.name", level, Names.subdomain(level));
        }
        List<Unstructured> rules = spec.objects("rules");
        for (int i = 0; i < rules.size(); i++) {
            rule(rules.get(i), "spec.rules[" + i + "]");
        }
        SuggestedFlows.mandatorySchema(o.name())
                .filter(m -> !m.object("spec").equals(spec))
                .ifPresent(
                        m -> findings.invalid("spec", spec, "spec of '" + o.name() + "' must equal the fixed value"));
        Conditions.check(findings, o);
    }

    private void rule(Unstructured rule, String path) {
        List<Unstructured> subjects = rule.objects("subjects");
        if (subjects.isEmpty()) {
            findings.required(path + ".subjects", "subjects must contain at least one value");
        }
        for (int i = 0; i < subjects.size(); i++) {
            subject(subjects.get(i), path + ".subjects[" + i + "]");
        }
        List<Unstructured> resources = rule.objects("resourceRules");
        List<Unstructured> paths = rule.objects("nonResourceRules");
        if (resources.isEmpty() && paths.isEmpty()) {
            findings.required(path, "at least one of resourceRules and nonResourceRules has to be non-empty");
        }
        for (int i = 0; i < resources.size(); i++) {
            resources(resources.get(i), path + ".resourceRules[" + i + "]");
        }
        for (int i = 0; i < paths.size(); i++) {
            paths(paths.get(i), path + ".nonResourceRules[" + i + "]");
        }
    }

    // ---- who

    private void subject(Unstructured subject, String path) {
        String kind = subject.string("kind");
        String own = SUBJECTS.get(kind);
        if (own == null) {
            findings.notSupported(path + ".kind", kind, "Group", "ServiceAccount", "User");
            return;
        }
        if (!subject.has(own)) {
            findings.required(path + "." + own, own + " is required when subject kind is '" + kind + "'");
        } else {
            named(subject.object(own), kind, path + "." + own);
        }
        for (String other : List.of("ServiceAccount", "User", "Group")) {
            String field = SUBJECTS.get(other);
            if (!other.equals(kind) && subject.has(String.valueOf(field))) {
                findings.forbidden(
                        path + "." + field, field + " is forbidden when subject kind is not '" + other + "'");
            }
        }
    }

    private void named(Unstructured who, String kind, String path) {
        String name = who.string("name");
        if (name.isEmpty()) {
            findings.required(path + ".name", "");
        } else if (kind.equals("ServiceAccount") && !name.equals("*")) {
            findings.invalid(path + ".name", name, Names.subdomain(name));
        }
        if (kind.equals("ServiceAccount")) {
            String namespace = who.string("namespace");
            if (namespace.isEmpty()) {
                findings.required(path + ".namespace", "must specify namespace for service account");
            } else {
                findings.invalid(path + ".namespace", namespace, Names.label(namespace));
            }
        }
    }

    // ---- what

    private void verbs(Unstructured rule, String path) {
        List<String> verbs = rule.stringList("verbs");
        if (verbs.isEmpty()) {
            findings.required(path + ".verbs", "verbs must contain at least one value");
        } else if (!all(verbs, path + ".verbs", "verbs") && !Set.of(VERBS).containsAll(verbs)) {
            findings.notSupported(path + ".verbs", verbs, VERBS);
        }
    }

    /** Whether everything is meant; noted where something else is named beside. */
    private boolean all(List<String> values, String path, String what) {
        if (!values.contains("*")) {
            return false;
        }
        if (values.size() > 1) {
            findings.invalid(path, values, "if '*' is present, must not specify other " + what);
        }
        return true;
    }

    private void resources(Unstructured rule, String path) {
        verbs(rule, path);
        list(rule, path, "apiGroups", "resource rules must supply at least one api group", "api groups");
        list(rule, path, "resources", "resource rules must supply at least one resource", "resources");
        List<String> namespaces = rule.stringList("namespaces");
        if (namespaces.isEmpty() && !rule.bool("clusterScope")) {
            findings.required(
                    path + ".namespaces",
                    "resource rules that are not cluster scoped must supply at least one namespace");
        } else if (!all(namespaces, path + ".namespaces", "namespaces")) {
            for (int i = 0; i < namespaces.size(); i++) {
                String at = path + ".namespaces[" + i + "]";
                for (String why : Names.label(namespaces.get(i))) {
                    findings.invalid(
                            at, namespaces.get(i), "each member of this list must be '*' or a DNS-1123 label; " + why);
                }
            }
        }
    }

    private void list(Unstructured rule, String path, String field, String none, String what) {
        List<String> values = rule.stringList(field);
        if (values.isEmpty()) {
            findings.required(path + "." + field, none);
        } else {
            all(values, path + "." + field, what);
        }
    }

    private void paths(Unstructured rule, String path) {
        verbs(rule, path);
        List<String> urls = rule.stringList("nonResourceURLs");
        if (urls.isEmpty()) {
            findings.required(path + ".nonResourceURLs", "nonResourceURLs must contain at least one value");
        } else if (!all(urls, path + ".nonResourceURLs", "non-resource URLs")) {
            for (int i = 0; i < urls.size(); i++) {
                findings.invalid(path + ".nonResourceURLs[" + i + "]", urls.get(i), url(urls.get(i)));
            }
        }
    }

    private static List<String> url(String url) {
        if (url.isEmpty()) {
            return List.of("must not be empty");
        }
        if (!url.startsWith("/")) {
            return List.of("must start with slash");
        }
        if (url.contains(" ")) {
            return List.of("must not contain white-space");
        }
        if (url.contains("//")) {
            return List.of("must not contain double slash");
        }
        int star = url.indexOf('*');
        return star >= 0 && !(star == url.length() - 1 && url.endsWith("/*"))
                ? List.of("wildcard can only do suffix matching")
                : List.of();
    }
}
