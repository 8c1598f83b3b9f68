package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.labels;
import static dev.coracle.apiserver.definition.Columns.orNone;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Defaults;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A name and an address for a set of pods. */
public final class Services {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced("", "v1", "Service", "services")
            .shortNames("svc")
            .categories("all")
            .subresources("status")
            .directory("services/specs")
            .defaults(ServiceDefaults::apply)
            .statusDefaults(Services::completeStatus)
            .names(Names::label)
            .rules((findings, o, old) -> new ServiceRules(findings).check(o, old))
            .statusRules(Services::checkStatus)
            .updated(ServiceFields::keep)
            .selectable("spec.clusterIP", "spec.type")
            .columns(
                    NAME,
                    text("Type", "spec", "type"),
                    text("Cluster-IP", o -> orNone(clusterIp(o))),
                    text("External-IP", Services::external),
                    text("Port(s)", Services::ports),
                    AGE,
                    text("Selector", o -> labels(o.strings("spec", "selector"))).wide())
            .build();

    private Services() {}

    private static void completeStatus(Unstructured o) {
        o.objects("status", "loadBalancer", "ingress").stream()
                .filter(i -> !i.string("ip").isEmpty())
                .forEach(i -> Defaults.absent(i, "VIP", "ipMode"));
    }

    private static void checkStatus(Findings findings, Unstructured o, Unstructured old) {
        if (!o.string("spec", "type").equals("LoadBalancer")
                && !o.objects("status", "loadBalancer", "ingress").isEmpty()) {
            findings.forbidden("status.loadBalancer.ingress", "may only be used when `spec.type` is \"LoadBalancer\"");
            return;
        }
        new LoadBalancerRules(findings).check(o, old);
    }

    private static String clusterIp(Unstructured o) {
        return o.stringList("spec", "clusterIPs").stream().findFirst().orElse(o.string("spec", "clusterIP"));
    }

    private static String external(Unstructured o) {
        List<String> all = new ArrayList<>();
        switch (o.string("spec", "type")) {
            case "ExternalName" -> {
                return o.string("spec", "externalName");
            }
            case "LoadBalancer" -> all.addAll(LoadBalancerRules.addresses(o));
            default -> {}
        }
        all.addAll(o.stringList("spec", "externalIPs"));
        boolean balanced = o.string("spec", "type").equals("LoadBalancer");
        return all.isEmpty() ? balanced ? "<pending>" : "<none>" : String.join(",", all);
    }

    private static String ports(Unstructured o) {
        return orNone(o.objects("spec", "ports").stream()
                .map(p -> p.integer(0, "port") + (p.integer(0, "nodePort") > 0 ? ":" + p.integer(0, "nodePort") : "")
                        + "/" + p.string("protocol"))
                .collect(Collectors.joining(",")));
    }
}
