package dev.coracle.apiserver.builtin.admissionregistration;

import dev.coracle.apiserver.admission.cel.Expressions;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.MetadataRules;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Rules for what selects requests: of webhooks as of policies. */
final class RequestRules {
    private static final int MOST_CONDITIONS = 64;

    private final Findings findings;

    RequestRules(Findings findings) {
        this.findings = findings;
    }

    // ---- rules

    void rule(Unstructured rule, String path) {
        List<String> operations = rule.stringList("operations");
        if (operations.isEmpty()) {
            findings.required(path + ".operations", "");
        }
        alone(operations, path + ".operations", "operations");
        for (int i = 0; i < operations.size(); i++) {
            if (!List.of("*", "CONNECT", "CREATE", "DELETE", "UPDATE").contains(operations.get(i))) {
                findings.notSupported(
                        path + ".operations[" + i + "]",
                        operations.get(i),
                        "*",
                        "CONNECT",
                        "CREATE",
                        "DELETE",
                        "UPDATE");
            }
        }
        List<String> groups = rule.stringList("apiGroups");
        if (groups.isEmpty()) {
            findings.required(path + ".apiGroups", "");
        }
        alone(groups, path + ".apiGroups", "API groups");
        List<String> versions = rule.stringList("apiVersions");
        if (versions.isEmpty()) {
            findings.required(path + ".apiVersions", "");
        }
        alone(versions, path + ".apiVersions", "API versions");
        for (int i = 0; i < versions.size(); i++) {
            if (versions.get(i).isEmpty()) {
                findings.required(path + ".apiVersions[" + i + "]", "");
            }
        }
        resources(rule.stringList("resources"), path + ".resources");
        findings.oneOf(rule, path, "scope", "*", "Cluster", "Namespaced");
    }

    private void alone(List<String> values, String path, String what) {
        if (values.size() > 1 && values.contains("*")) {
            findings.invalid(path, values, "if '*' is present, must not specify other " + what);
        }
    }

    private void resources(List<String> resources, String path) {
        if (resources.isEmpty()) {
            findings.required(path, "");
        }
        Set<String> allOfResource = new HashSet<>();
        Set<String> ofAllResources = new HashSet<>();
        boolean plain = false;
        for (int i = 0; i < resources.size(); i++) {
            String text = resources.get(i);
            String at = path + "[" + i + "]";
            if (text.isEmpty()) {
                findings.required(at, "");
                continue;
            }
            int slash = text.indexOf('/');
            if (slash < 0) {
                plain = !text.equals("*");
                continue;
            }
            String resource = text.substring(0, slash);
            String sub = text.substring(slash + 1);
            if (allOfResource.contains(resource)) {
                findings.invalid(at, text, "if '" + resource + "/*' is present, must not specify " + text);
            }
            if (ofAllResources.contains(sub)) {
                findings.invalid(at, text, "if '*/" + sub + "' is present, must not specify " + text);
            }
            if (sub.equals("*")) {
                allOfResource.add(resource);
            }
            if (resource.equals("*")) {
                ofAllResources.add(sub);
            }
        }
        if (resources.size() > 1 && resources.contains("*/*")) {
            findings.invalid(path, resources, "if '*/*' is present, must not specify other resources");
        }
        if (resources.contains("*") && plain) {
            findings.invalid(
                    path, resources, "if '*' is present, must not specify other resources without subresources");
        }
    }

    // ---- selectors

    void selector(Unstructured selector, String path) {
        new MetadataRules(findings).labels(selector.strings("matchLabels"), path + ".matchLabels");
        int i = 0;
        for (Unstructured e : selector.objects("matchExpressions")) {
            String at = path + ".matchExpressions[" + i++ + "]";
            List<String> values = e.stringList("values");
            switch (e.string("operator")) {
                case "In", "NotIn" -> {
                    if (values.isEmpty()) {
                        findings.required(at + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
                    }
                }
                case "Exists", "DoesNotExist" -> {
                    if (!values.isEmpty()) {
                        findings.forbidden(
                                at + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    }
                }
                default -> findings.invalid(at + ".operator", e.string("operator"), "not a valid selector operator");
            }
            findings.invalid(at + ".key", e.string("key"), Names.qualified(e.string("key")));
            for (int v = 0; v < values.size(); v++) {
                findings.invalid(at + ".values[" + v + "]", values.get(v), Names.labelValue(values.get(v)));
            }
        }
    }

    // ---- conditions

    void conditions(List<Unstructured> conditions, Expressions expressions, String path) {
        if (conditions.size() > MOST_CONDITIONS) {
            findings.tooMany(path, conditions.size(), MOST_CONDITIONS);
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < conditions.size(); i++) {
            String at = path + "[" + i + "]";
            String expression = conditions.get(i).string("expression").strip();
            if (expression.isEmpty()) {
                findings.required(at + ".expression", "");
            } else {
                expression(expressions::bool, expression, at + ".expression");
            }
            String name = conditions.get(i).string("name");
            if (name.isEmpty()) {
                findings.required(at + ".name", "");
                continue;
            }
            findings.invalid(at + ".name", name, Names.qualified(name));
            if (!names.add(name)) {
                findings.duplicate(at + ".name", name);
            }
        }
    }

    /** @param compile throws what is wrong with the text */
    void expression(Consumer<String> compile, String text, String path) {
        try {
            compile.accept(text);
        } catch (IllegalArgumentException e) {
            findings.invalid(path, text, String.valueOf(e.getMessage()));
        }
    }
}
