package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** Of a label selector within an object. */
public final class LabelSelectorRules {
    private LabelSelectorRules() {}

    public static void check(Findings findings, Unstructured selector, String path) {
        new MetadataRules(findings).labels(selector.strings("matchLabels"), path + ".matchLabels");
        int i = 0;
        for (Unstructured e : selector.objects("matchExpressions")) {
            requirement(findings, e, path + ".matchExpressions[" + i++ + "]");
        }
    }

    private static void requirement(Findings findings, Unstructured e, String path) {
        List<String> values = e.stringList("values");
        switch (e.string("operator")) {
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
            default -> findings.invalid(path + ".operator", e.string("operator"), "not a valid selector operator");
        }
        findings.invalid(path + ".key", e.string("key"), Names.qualified(e.string("key")));
        for (int i = 0; i < values.size(); i++) {
            findings.invalid(path + ".values[" + i + "]", values.get(i), Names.labelValue(values.get(i)));
        }
    }
}
