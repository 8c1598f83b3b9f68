package dev.coracle.apiserver.builtin.apps;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;

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
            .created(o -> dropDisabled(o, Unstructured.of("apps/v1", "StatefulSet", "", "")))
            .updated(StatefulSets::dropDisabled)
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

    /** The gate of this field is closed in v1.36, so it is as if nobody knew it; who has it from before keeps it. */
    private static void dropDisabled(Unstructured next, Unstructured old) {
        String[] field = {"spec", "updateStrategy", "rollingUpdate", "maxUnavailable"};
        if (next.has(field) && !old.has(field)) {
            next.object("spec", "updateStrategy", "rollingUpdate").remove("maxUnavailable");
        }
    }
}
