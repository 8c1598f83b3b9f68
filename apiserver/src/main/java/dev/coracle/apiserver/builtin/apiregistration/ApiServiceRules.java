package dev.coracle.apiserver.builtin.apiregistration;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.Base64;
import java.util.List;

/** Rules for APIServices ({@code kube-aggregator/pkg/apis/apiregistration/validation}). */
final class ApiServiceRules {
    private static final List<String> STATES = List.of("True", "False", "Unknown");

    private final Findings findings;

    ApiServiceRules(Findings findings) {
        this.findings = findings;
    }

    void check(Unstructured o) {
        String group = o.string("spec", "group");
        String version = o.string("spec", "version");
        name(o.name(), version + "." + group);
        if (group.isEmpty() && !version.equals("v1")) {
            findings.required("spec.group", "only v1 may have an empty group and it better be legacy kube");
        }
        if (!group.isEmpty()) {
            findings.invalid("spec.group", group, Names.subdomain(group));
        }
        findings.invalid("spec.version", version, Names.label1035(version));
        priority(o, "groupPriorityMinimum", 20000);
        priority(o, "versionPriority", 1000);
        if (o.has("spec", "service")) {
            remote(o);
        } else {
            local(o);
        }
    }

    private void name(String name, String required) {
        if (!name.isEmpty() && Names.pathSegment(name).isEmpty() && !name.equals(required)) {
            findings.invalid("metadata.name", name, "must be `spec.version+\".\"+spec.group`: \"" + required + "\"");
        }
    }

    private void priority(Unstructured o, String field, int most) {
        long value = o.integer(0, "spec", field);
        if (value <= 0 || value > most) {
            findings.invalid("spec." + field, value, "must be positive and less than " + most);
        }
    }

    private void local(Unstructured o) {
        String bundle = o.string("spec", "caBundle");
        if (!bundle.isEmpty()) {
            findings.invalid("spec.caBundle", size(bundle) + " bytes", "local APIServices may not have a caBundle");
        }
        if (o.bool("spec", "insecureSkipTLSVerify")) {
            findings.invalid(
                    "spec.insecureSkipTLSVerify", true, "local APIServices may not have insecureSkipTLSVerify");
        }
    }

    private static int size(String base64) {
        try {
            return Base64.getDecoder().decode(base64).length;
        } catch (IllegalArgumentException e) {
            return base64.length();
        }
    }

    private void remote(Unstructured o) {
        Unstructured service = o.object("spec", "service");
        findings.needed(service, "spec.service", "namespace");
        findings.needed(service, "spec.service", "name");
        if (o.bool("spec", "insecureSkipTLSVerify")
                && !o.string("spec", "caBundle").isEmpty()) {
            findings.invalid("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present");
        }
    }

    void status(Unstructured o) {
        List<Unstructured> conditions = o.objects("status", "conditions");
        for (int i = 0; i < conditions.size(); i++) {
            String status = conditions.get(i).string("status");
            if (!STATES.contains(status)) {
                findings.notSupported("status.conditions[" + i + "].status", status, STATES.toArray(String[]::new));
            }
        }
    }
}
