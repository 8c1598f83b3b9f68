package dev.coracle.apiserver.builtin.admissionregistration;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;

/** To what a policy that changes objects applies, and with which parameters. */
public final class MutatingAdmissionPolicyBindings {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "admissionregistration.k8s.io",
                    "v1",
                    "MutatingAdmissionPolicyBinding",
                    "mutatingadmissionpolicybindings")
            .categories("api-extensions")
            .defaults(MatchDefaults::ofBinding)
            .rules((findings, o, old) -> new PolicyRules(findings).binding(o))
            .generations()
            .columns(
                    NAME,
                    text("PolicyName", "spec", "policyName"),
                    text("ParamRef", ValidatingAdmissionPolicyBindings::paramRef),
                    AGE)
            .build();

    private MutatingAdmissionPolicyBindings() {}
}
