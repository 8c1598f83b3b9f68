package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.stream.Collectors;

/** How much a namespace may use. */
public final class ResourceQuotas {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "", "v1", "ResourceQuota", "resourcequotas")
            .shortNames("quota")
            .subresources("status")
            .amounts(o -> {
                Amounts.map(o, "spec", "hard");
                Amounts.map(o, "status", "hard");
                Amounts.map(o, "status", "used");
            })
            .rules((findings, o, old) -> new QuotaRules(findings).quota(o))
            .columns(NAME, text("Request", o -> shown(o, false)), text("Limit", o -> shown(o, true)), AGE)
            .build();

    private ResourceQuotas() {}

    /** {@code requests.cpu: 1/4, pods: 3/10} */
    private static String shown(Unstructured o, boolean limits) {
        return o.strings("status", "hard").entrySet().stream()
                .filter(e -> e.getKey().startsWith("limits.") == limits)
                .map(e -> e.getKey() + ": " + o.stringOr("0", "status", "used", e.getKey()) + "/" + e.getValue())
                .sorted()
                .collect(Collectors.joining(", "));
    }
}
