package dev.coracle.apiserver.builtin.networking;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.orNone;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.builtin.core.LoadBalancerRules;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;

/** How requests from outside find their Service by host and path. */
public final class Ingresses {
    private static final int SHOWN = 3;

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "networking.k8s.io", "v1", "Ingress", "ingresses")
            .shortNames("ing")
            .subresources("status")
            .directory("ingress")
            .rules((findings, o, old) -> new IngressRules(findings).check(o))
            .statusRules((findings, o, old) -> new LoadBalancerRules(findings).check(o, old))
            .generations()
            .columns(
                    NAME,
                    text("Class", o -> orNone(o.string("spec", "ingressClassName"))),
                    text("Hosts", Ingresses::hosts),
                    text("Address", o -> String.join(",", LoadBalancerRules.addresses(o))),
                    text("Ports", o -> o.objects("spec", "tls").isEmpty() ? "80" : "80, 443"),
                    AGE)
            .build();

    private Ingresses() {}

    private static String hosts(Unstructured o) {
        List<String> hosts = new ArrayList<>();
        List<Unstructured> rules = o.objects("spec", "rules");
        for (Unstructured rule : rules) {
            if (hosts.size() < SHOWN && !rule.string("host").isEmpty()) {
                hosts.add(rule.string("host"));
            }
        }
        String text = hosts.isEmpty() ? "*" : String.join(",", hosts);
        return hosts.size() == SHOWN && rules.size() > SHOWN
                ? text + " + " + (rules.size() - SHOWN) + " more..."
                : text;
    }
}
