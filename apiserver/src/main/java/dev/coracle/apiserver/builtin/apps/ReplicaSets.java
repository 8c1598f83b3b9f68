package dev.coracle.apiserver.builtin.apps;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.integer;

import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;

/** So many equal pods. */
public final class ReplicaSets {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "apps", "v1", "ReplicaSet", "replicasets")
            .shortNames("rs")
            .categories("all")
            .subresources("status", "scale")
            .amounts(o -> Amounts.template(o, "spec", "template"))
            .defaults(WorkloadDefaults::replicaSet)
            .rules((findings, o, old) -> new WorkloadRules(findings).replicaSet(o, old))
            .generations()
            .selectableOr("0", "status.replicas")
            .columns(
                    NAME,
                    integer("Desired", "spec", "replicas"),
                    integer("Current", "status", "replicas"),
                    integer("Ready", "status", "readyReplicas"),
                    AGE,
                    WorkloadColumns.containers("spec", "template", "spec"),
                    WorkloadColumns.images("spec", "template", "spec"),
                    WorkloadColumns.SELECTOR)
            .build();

    private ReplicaSets() {}
}
