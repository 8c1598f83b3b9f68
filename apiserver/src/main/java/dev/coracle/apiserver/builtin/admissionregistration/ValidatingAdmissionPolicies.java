package dev.coracle.apiserver.builtin.admissionregistration;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;

/** Rules about writes that users make of expressions. */
public final class ValidatingAdmissionPolicies {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies")
            .categories("api-extensions")
            .subresources("status")
            .defaults(ValidatingAdmissionPolicies::complete)
            .rules((findings, o, old) -> new PolicyRules(findings).validating(o))
            .generations()
            .columns(
                    NAME,
                    text("Validations", o ->
                            (long) o.objects("spec", "validations").size()),
                    text("ParamKind", ValidatingAdmissionPolicies::paramKind),
                    AGE)
            .build();

    private ValidatingAdmissionPolicies() {}

    private static void complete(Unstructured o) {
        absent(o, "Fail", "spec", "failurePolicy");
        if (o.has("spec", "matchConstraints")) {
            MatchDefaults.complete(o.object("spec", "matchConstraints"));
        }
    }

    static String paramKind(Unstructured o) {
        return o.has("spec", "paramKind")
                ? o.string("spec", "paramKind", "apiVersion") + "/" + o.string("spec", "paramKind", "kind")
                : "<unset>";
    }
}
