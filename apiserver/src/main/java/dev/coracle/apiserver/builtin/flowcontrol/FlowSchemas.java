package dev.coracle.apiserver.builtin.flowcontrol;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.integer;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;

/** Which requests are of which priority level. */
public final class FlowSchemas {
    static final String GROUP = "flowcontrol.apiserver.k8s.io";

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    GROUP, "v1", "FlowSchema", "flowschemas")
            .subresources("status")
            .defaults(o -> {
                if (o.integer(0, "spec", "matchingPrecedence") == 0) {
                    o.set(1000L, "spec", "matchingPrecedence");
                }
            })
            .rules((findings, o, old) -> new FlowSchemaRules(findings).check(o))
            .statusRules((findings, o, old) -> Conditions.check(findings, o))
            .generations()
            .columns(
                    NAME,
                    text("PriorityLevel", "spec", "priorityLevelConfiguration", "name"),
                    integer("MatchingPrecedence", "spec", "matchingPrecedence"),
                    text("DistinguisherMethod", o -> o.stringOr("<none>", "spec", "distinguisherMethod", "type")),
                    AGE,
                    text("MissingPL", FlowSchemas::missing))
            .build();

    private FlowSchemas() {}

    private static String missing(Unstructured o) {
        return o.objects("status", "conditions").stream()
                .filter(c -> c.string("type").equals("Dangling"))
                .findFirst()
                .map(c -> c.string("status"))
                .orElse("?");
    }
}
