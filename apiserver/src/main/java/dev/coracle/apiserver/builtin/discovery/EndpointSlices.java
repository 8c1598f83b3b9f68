package dev.coracle.apiserver.builtin.discovery;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.some;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.builtin.core.EndpointRules;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who answers for a Service. */
public final class EndpointSlices {
    private static final int SHOWN = 3;

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "discovery.k8s.io", "v1", "EndpointSlice", "endpointslices")
            .defaults(EndpointSlices::complete)
            .rules((findings, o, old) -> new EndpointRules(findings).slice(o, old))
            .generations((next, old) -> !desired(next).equals(desired(old)))
            .columns(
                    NAME,
                    text("AddressType", "addressType"),
                    text("Ports", EndpointSlices::ports),
                    text("Endpoints", EndpointSlices::endpoints),
                    AGE)
            .build();

    private EndpointSlices() {}

    private static void complete(Unstructured o) {
        o.objects("ports").forEach(p -> {
            absent(p, "", "name");
            absent(p, "TCP", "protocol");
        });
    }

    private static Map<String, Object> desired(Unstructured slice) {
        Map<String, Object> rest = new LinkedHashMap<>(slice.map());
        rest.put("metadata", slice.labels());
        return rest;
    }

    private static String ports(Unstructured o) {
        List<String> ports = new ArrayList<>();
        for (Unstructured p : o.objects("ports")) {
            ports.add(p.has("port") ? String.valueOf(p.integer(0, "port")) : "*");
        }
        return ports.isEmpty() ? "<unset>" : some(ports, SHOWN);
    }

    private static String endpoints(Unstructured o) {
        List<String> addresses = new ArrayList<>();
        o.objects("endpoints").forEach(e -> addresses.addAll(e.stringList("addresses")));
        return addresses.isEmpty() ? "<unset>" : some(addresses, SHOWN);
    }
}
