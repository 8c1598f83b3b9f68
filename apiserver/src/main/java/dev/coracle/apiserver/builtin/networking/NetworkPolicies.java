package dev.coracle.apiserver.builtin.networking;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.Columns;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** Which pods may talk to which. */
public final class NetworkPolicies {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies")
            .shortNames("netpol")
            .defaults(NetworkPolicies::complete)
            .rules((findings, o, old) -> new NetworkPolicyRules(findings).spec(o.object("spec")))
            .generations()
            .columns(NAME, text("Pod-Selector", o -> Columns.selector(o.object("spec", "podSelector"))), AGE)
            .build();

    private NetworkPolicies() {}

    private static void complete(Unstructured o) {
        for (String direction : List.of("ingress", "egress")) {
            for (Unstructured rule : o.objects("spec", direction)) {
                rule.objects("ports").forEach(p -> absent(p, "TCP", "protocol"));
            }
        }
        if (o.stringList("spec", "policyTypes").isEmpty()) {
            o.set(
                    o.objects("spec", "egress").isEmpty() ? List.of("Ingress") : List.of("Ingress", "Egress"),
                    "spec",
                    "policyTypes");
        }
    }
}
