package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.MetadataRules;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;

/** Of what is told of so many equal pods. */
final class ReplicationRules {
    private final Findings findings;

    ReplicationRules(Findings findings) {
        this.findings = findings;
    }

    void whole(Unstructured o) {
        Unstructured spec = o.object("spec");
        findings.notNegative(spec, "spec", "minReadySeconds");
        Map<String, String> selector = spec.strings("selector");
        if (selector.isEmpty()) {
            findings.required("spec.selector", "");
        }
        findings.notNegative(spec, "spec", "replicas");
        if (!spec.has("template")) {
            findings.required("spec.template", "");
            return;
        }
        Map<String, String> labels = spec.strings("template", "metadata", "labels");
        if (!labels.entrySet().containsAll(selector.entrySet())) {
            findings.invalid(
                    "spec.template.metadata.labels",
                    labels.isEmpty() ? null : labels,
                    "`selector` does not match template `labels`");
        }
        template(findings, spec.object("template"), "spec.template");
        String policy = spec.string("template", "spec", "restartPolicy");
        if (!policy.equals("Always")) {
            findings.notSupported("spec.template.spec.restartPolicy", policy, "Always");
        }
        if (spec.has("template", "spec", "activeDeadlineSeconds")) {
            findings.forbidden(
                    "spec.template.spec.activeDeadlineSeconds",
                    "activeDeadlineSeconds in ReplicationController is not Supported");
        }
    }

    static void template(Findings findings, Unstructured template, String path) {
        new MetadataRules(findings).labels(template.strings("metadata", "labels"), path + ".metadata.labels");
        new PodRules(findings).spec(template.object("spec"), path + ".spec");
    }

    void status(Unstructured o) {
        Unstructured status = o.object("status");
        for (String field : List.of(
                "replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration")) {
            findings.notNegative(status, "status", field);
        }
        for (String field : List.of("fullyLabeledReplicas", "readyReplicas", "availableReplicas")) {
            most(status, field, "replicas");
        }
        most(status, "availableReplicas", "readyReplicas");
    }

    private void most(Unstructured status, String field, String bound) {
        long count = status.integer(0, field);
        if (count > status.integer(0, bound)) {
            findings.invalid(
                    "status." + field,
                    count,
                    "cannot be greater than " + (bound.equals("replicas") ? "status.replicas" : "readyReplicas"));
        }
    }
}
