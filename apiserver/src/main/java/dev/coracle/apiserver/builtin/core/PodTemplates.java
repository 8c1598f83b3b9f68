package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.Columns;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.Objects;
import java.util.stream.Collectors;

/** What pods could be made from; nothing here makes any. */
public final class PodTemplates {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "", "v1", "PodTemplate", "podtemplates")
            .amounts(o -> Amounts.template(o, "template"))
            .defaults(PodTemplates::complete)
            .rules((findings, o, old) -> ReplicationRules.template(findings, o.object("template"), "template"))
            .generations((next, old) -> !Objects.equals(next.get("template"), old.get("template")))
            .columns(
                    NAME,
                    text("Containers", o -> joined(o, "name")),
                    text("Images", o -> joined(o, "image")),
                    text("Pod Labels", o -> Columns.labels(o.strings("template", "metadata", "labels"))))
            .build();

    private PodTemplates() {}

    private static void complete(Unstructured o) {
        if (o.has("template", "spec")) {
            PodDefaults.template(o.object("template", "spec"));
        }
    }

    private static String joined(Unstructured o, String field) {
        return o.objects("template", "spec", "containers").stream()
                .map(c -> c.string(field))
                .collect(Collectors.joining(","));
    }
}
