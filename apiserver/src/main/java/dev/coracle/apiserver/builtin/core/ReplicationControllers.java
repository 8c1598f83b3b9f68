package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.integer;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.builtin.apps.WorkloadColumns;
import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.Columns;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.definition.ScalePaths;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What ReplicaSets were before there were any: their selector is a plain map of labels, and may change. */
public final class ReplicationControllers {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "", "v1", "ReplicationController", "replicationcontrollers")
            .directory("controllers")
            .shortNames("rc")
            .categories("all")
            .subresources("status", "scale")
            .amounts(o -> Amounts.template(o, "spec", "template"))
            .defaults(ReplicationControllers::complete)
            .rules((findings, o, old) -> new ReplicationRules(findings).whole(o))
            .statusRules((findings, o, old) -> new ReplicationRules(findings).status(o))
            .generations()
            .orphans()
            .scale(new ScalePaths(
                    List.of("spec", "replicas"), List.of("status", "replicas"), ReplicationControllers::query))
            .selectableOr("0", "status.replicas")
            .columns(
                    NAME,
                    integer("Desired", "spec", "replicas"),
                    integer("Current", "status", "replicas"),
                    integer("Ready", "status", "readyReplicas"),
                    AGE,
                    WorkloadColumns.containers("spec", "template", "spec"),
                    WorkloadColumns.images("spec", "template", "spec"),
                    text("Selector", o -> Columns.labels(o.strings("spec", "selector")))
                            .wide())
            .build();

    private ReplicationControllers() {}

    private static String query(Unstructured o) {
        return o.strings("spec", "selector").entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .sorted()
                .collect(Collectors.joining(","));
    }

    private static void complete(Unstructured o) {
        Map<String, String> labels = o.strings("spec", "template", "metadata", "labels");
        if (!labels.isEmpty()) {
            if (o.strings("spec", "selector").isEmpty()) {
                o.set(new LinkedHashMap<>(labels), "spec", "selector");
            }
            if (o.labels().isEmpty()) {
                o.set(new LinkedHashMap<>(labels), "metadata", "labels");
            }
        }
        absent(o, 1L, "spec", "replicas");
        if (o.has("spec", "template", "spec")) {
            PodDefaults.template(o.object("spec", "template", "spec"));
        }
    }
}
