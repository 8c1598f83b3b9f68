package dev.coracle.apiserver.builtin.admissionregistration;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Columns;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;

/** To what a policy applies, with which parameters, and what follows. */
public final class ValidatingAdmissionPolicyBindings {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "admissionregistration.k8s.io",
                    "v1",
                    "ValidatingAdmissionPolicyBinding",
                    "validatingadmissionpolicybindings")
            .categories("api-extensions")
            .defaults(MatchDefaults::ofBinding)
            .rules((findings, o, old) -> new PolicyRules(findings).validatingBinding(o))
            .generations()
            .columns(
                    NAME,
                    text("PolicyName", "spec", "policyName"),
                    text("ParamRef", ValidatingAdmissionPolicyBindings::paramRef),
                    AGE)
            .build();

    private ValidatingAdmissionPolicyBindings() {}

    static String paramRef(Unstructured o) {
        Unstructured ref = o.object("spec", "paramRef");
        if (ref.map().isEmpty()) {
            return "<unset>";
        }
        if (ref.has("selector")) {
            return Columns.selector(ref.object("selector"));
        }
        String namespace = ref.string("namespace");
        return namespace.isEmpty() ? ref.string("name") : namespace + "/" + ref.string("name");
    }
}
