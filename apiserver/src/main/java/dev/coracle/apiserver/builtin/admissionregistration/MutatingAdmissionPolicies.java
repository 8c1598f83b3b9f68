package dev.coracle.apiserver.builtin.admissionregistration;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;

/** Changes to what is written that users make of expressions (KEP-3962). */
public final class MutatingAdmissionPolicies {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicy", "mutatingadmissionpolicies")
            .categories("api-extensions")
            .defaults(MutatingAdmissionPolicies::complete)
            .rules((findings, o, old) -> new PolicyRules(findings).mutating(o))
            .generations()
            .columns(
                    NAME,
                    text("Mutations", o -> (long) o.objects("spec", "mutations").size()),
                    text("ParamKind", ValidatingAdmissionPolicies::paramKind),
                    AGE)
            .build();

    private MutatingAdmissionPolicies() {}

    private static void complete(Unstructured o) {
        absent(o, "Fail", "spec", "failurePolicy");
        if (o.has("spec", "matchConstraints")) {
            MatchDefaults.complete(o.object("spec", "matchConstraints"));
        }
    }
}
