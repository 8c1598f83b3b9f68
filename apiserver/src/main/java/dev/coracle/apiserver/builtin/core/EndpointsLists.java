package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.some;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;

/** {@code Endpoints}: who answers for a Service, in the older form. */
public final class EndpointsLists {
    private static final int SHOWN = 3;

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced("", "v1", "Endpoints", "endpoints")
            .shortNames("ep")
            .directory("services/endpoints")
            .defaults(o ->
                    o.objects("subsets").forEach(s -> s.objects("ports").forEach(p -> absent(p, "TCP", "protocol"))))
            .rules((findings, o, old) -> new EndpointRules(findings).endpoints(o))
            .columns(NAME, text("Endpoints", EndpointsLists::shown), AGE)
            .build();

    private EndpointsLists() {}

    private static String shown(Unstructured o) {
        List<String> list = new ArrayList<>();
        for (Unstructured s : o.objects("subsets")) {
            boolean portless = s.objects("ports").isEmpty();
            for (Unstructured a : portless ? s.objects("addresses") : List.<Unstructured>of()) {
                list.add(a.string("ip"));
            }
            for (Unstructured p : s.objects("ports")) {
                s.objects("addresses").forEach(a -> list.add(a.string("ip") + ":" + p.integer(0, "port")));
            }
        }
        return list.isEmpty() ? "<none>" : some(list, SHOWN);
    }
}
