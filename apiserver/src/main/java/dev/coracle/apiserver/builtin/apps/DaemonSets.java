package dev.coracle.apiserver.builtin.apps;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.integer;
import static dev.coracle.apiserver.definition.Columns.labels;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;

/** A pod on every node. */
public final class DaemonSets {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "apps", "v1", "DaemonSet", "daemonsets")
            .shortNames("ds")
            .categories("all")
            .subresources("status")
            .amounts(o -> Amounts.template(o, "spec", "template"))
            .defaults(WorkloadDefaults::daemonSet)
            .rules((findings, o, old) -> new WorkloadRules(findings).daemonSet(o, old))
            .generations()
            .columns(
                    NAME,
                    integer("Desired", "status", "desiredNumberScheduled"),
                    integer("Current", "status", "currentNumberScheduled"),
                    integer("Ready", "status", "numberReady"),
                    integer("Up-to-date", "status", "updatedNumberScheduled"),
                    integer("Available", "status", "numberAvailable"),
                    text("Node Selector", o -> labels(o.strings("spec", "template", "spec", "nodeSelector"))),
                    AGE,
                    WorkloadColumns.containers("spec", "template", "spec"),
                    WorkloadColumns.images("spec", "template", "spec"),
                    WorkloadColumns.SELECTOR)
            .build();

    private DaemonSets() {}
}
