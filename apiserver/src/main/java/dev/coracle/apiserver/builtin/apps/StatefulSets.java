package dev.coracle.apiserver.builtin.apps;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;

/** Pods that keep their names and their storage. */
public final class StatefulSets {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "apps", "v1", "StatefulSet", "statefulsets")
            .shortNames("sts")
            .categories("all")
            .subresources("status", "scale")
            .amounts(o -> {
                Amounts.template(o, "spec", "template");
                o.objects("spec", "volumeClaimTemplates").forEach(Amounts::claim);
            })
            .defaults(WorkloadDefaults::statefulSet)
            .rules((findings, o, old) -> new WorkloadRules(findings).statefulSet(o, old))
            .generations()
            .columns(
                    NAME,
                    text(
                            "Ready",
                            o -> o.integer(0, "status", "readyReplicas") + "/" + o.integer(0, "spec", "replicas")),
                    AGE,
                    WorkloadColumns.containers("spec", "template", "spec"),
                    WorkloadColumns.images("spec", "template", "spec"))
            .build();

    private StatefulSets() {}
}
