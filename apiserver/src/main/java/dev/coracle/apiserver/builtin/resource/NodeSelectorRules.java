package dev.coracle.apiserver.builtin.resource;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** Rules for a choice of nodes. */
record NodeSelectorRules(Findings findings) {
    void check(Unstructured selector, String path) {
        List<Unstructured> terms = selector.objects("nodeSelectorTerms");
        if (terms.isEmpty()) {
            findings.required(path + ".nodeSelectorTerms", "must have at least one node selector term");
        }
        var several = new Several(findings);
        several.list(terms, Several.ANY, path + ".nodeSelectorTerms", (term, at) -> {
            several.list(term.objects("matchExpressions"), Several.ANY, at + ".matchExpressions", this::label);
            several.list(term.objects("matchFields"), Several.ANY, at + ".matchFields", this::field);
        });
    }

    private void label(Unstructured requirement, String path) {
        List<String> values = requirement.stringList("values");
        switch (requirement.string("operator")) {
            case "In", "NotIn" -> {
                if (values.isEmpty()) {
                    findings.required(path + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
                }
            }
            case "Exists", "DoesNotExist" -> {
                if (!values.isEmpty()) {
                    findings.forbidden(
                            path + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }
            }
            case "Gt", "Lt" -> {
                if (values.size() != 1) {
                    findings.required(
                            path + ".values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
                }
            }
            default -> noOperator(requirement, path);
        }
        findings.invalid(path + ".key", requirement.string("key"), Names.qualified(requirement.string("key")));
        for (int i = 0; i < values.size(); i++) {
            findings.invalid(path + ".values[" + i + "]", values.get(i), Names.labelValue(values.get(i)));
        }
    }

    private void field(Unstructured requirement, String path) {
        List<String> values = requirement.stringList("values");
        switch (requirement.string("operator")) {
            case "In", "NotIn" -> {
                if (values.size() != 1) {
                    findings.required(
                            path + ".values",
                            "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
                }
            }
            default -> noOperator(requirement, path);
        }
        if (!requirement.string("key").equals("metadata.name")) {
            findings.invalid(path + ".key", requirement.string("key"), "not a valid field selector key");
            return;
        }
        for (int i = 0; i < values.size(); i++) {
            findings.invalid(path + ".values[" + i + "]", values.get(i), Names.subdomain(values.get(i)));
        }
    }

    private void noOperator(Unstructured requirement, String path) {
        findings.invalid(path + ".operator", requirement.string("operator"), "not a valid selector operator");
    }
}
