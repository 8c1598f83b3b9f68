package dev.coracle.apiserver.builtin.flowcontrol;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.Map;

/** How many requests of one kind may be served at once, and what becomes of those beyond. */
public final class PriorityLevels {
    private static final Map<String, Long> QUEUES = Map.of("handSize", 8L, "queues", 64L, "queueLengthLimit", 50L);

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    FlowSchemas.GROUP, "v1", "PriorityLevelConfiguration", "prioritylevelconfigurations")
            .subresources("status")
            .defaults(PriorityLevels::complete)
            .rules((findings, o, old) -> new PriorityLevelRules(findings).check(o))
            .statusRules((findings, o, old) -> Conditions.check(findings, o))
            .generations()
            .columns(
                    NAME,
                    text("Type", "spec", "type"),
                    number("NominalConcurrencyShares", "spec", "limited", "nominalConcurrencyShares"),
                    number("Queues", "spec", "limited", "limitResponse", "queuing", "queues"),
                    number("HandSize", "spec", "limited", "limitResponse", "queuing", "handSize"),
                    number("QueueLengthLimit", "spec", "limited", "limitResponse", "queuing", "queueLengthLimit"),
                    AGE)
            .build();

    private PriorityLevels() {}

    private static Column number(String name, String... path) {
        return text(name, o -> o.has(path) ? String.valueOf(o.get(path)) : "<none>");
    }

    private static void complete(Unstructured o) {
        if (o.has("spec", "limited")) {
            absent(o, 30L, "spec", "limited", "nominalConcurrencyShares");
            absent(o, 0L, "spec", "limited", "lendablePercent");
            Unstructured queuing = o.object("spec", "limited", "limitResponse", "queuing");
            if (o.has("spec", "limited", "limitResponse", "queuing")) {
                QUEUES.forEach((field, standard) -> {
                    if (queuing.integer(0, field) == 0) {
                        o.set(standard, "spec", "limited", "limitResponse", "queuing", field);
                    }
                });
            }
        }
        if (o.has("spec", "exempt")) {
            absent(o, 0L, "spec", "exempt", "nominalConcurrencyShares");
            absent(o, 0L, "spec", "exempt", "lendablePercent");
        }
    }
}
