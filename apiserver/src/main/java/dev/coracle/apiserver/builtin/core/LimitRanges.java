package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** How much one pod, container or claim of a namespace may use, and what it gets that asks for nothing. */
public final class LimitRanges {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "", "v1", "LimitRange", "limitranges")
            .shortNames("limits")
            .amounts(o -> o.objects("spec", "limits").forEach(LimitRanges::amounts))
            .defaults(o -> o.objects("spec", "limits").forEach(LimitRanges::complete))
            .rules((findings, o, old) -> new QuotaRules(findings).limits(o))
            .build();

    private LimitRanges() {}

    private static void amounts(Unstructured limit) {
        for (String m : List.of("min", "max", "default", "defaultRequest", "maxLimitRequestRatio")) {
            Amounts.map(limit, m);
        }
    }

    /** A container's default limit is the most it may have, its default request the limit or else the least. */
    private static void complete(Unstructured limit) {
        if (!limit.string("type").equals("Container")) {
            return;
        }
        limit.strings("max").forEach((r, amount) -> absent(limit, amount, "default", r));
        limit.strings("default").forEach((r, amount) -> absent(limit, amount, "defaultRequest", r));
        limit.strings("min").forEach((r, amount) -> absent(limit, amount, "defaultRequest", r));
    }
}
