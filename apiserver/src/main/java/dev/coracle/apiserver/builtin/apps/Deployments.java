package dev.coracle.apiserver.builtin.apps;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;

/** Equal pods, replaced step by step when their template changes. */
public final class Deployments {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "apps", "v1", "Deployment", "deployments")
            .shortNames("deploy")
            .categories("all")
            .subresources("status", "scale")
            .amounts(o -> Amounts.template(o, "spec", "template"))
            .defaults(WorkloadDefaults::deployment)
            .rules((findings, o, old) -> new WorkloadRules(findings).deployment(o, old))
            .generations()
            .statusResets("metadata", "labels")
            .columns(
                    NAME,
                    text(
                            "Ready",
                            o -> o.integer(0, "status", "readyReplicas") + "/" + o.integer(0, "spec", "replicas")),
                    text("Up-to-date", o -> o.integer(0, "status", "updatedReplicas")),
                    text("Available", o -> o.integer(0, "status", "availableReplicas")),
                    AGE,
                    WorkloadColumns.containers("spec", "template", "spec"),
                    WorkloadColumns.images("spec", "template", "spec"),
                    WorkloadColumns.SELECTOR)
            .build();

    private Deployments() {}
}
