package dev.coracle.apiserver.builtin.resource;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.MetadataRules;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What each pod that names it claims for itself. */
public final class ResourceClaimTemplates {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "resource.k8s.io", "v1", "ResourceClaimTemplate", "resourceclaimtemplates")
            .amounts(o -> ClaimDefaults.amounts(o.object("spec", "spec", "devices")))
            .defaults(o -> ClaimDefaults.complete(o.object("spec", "spec", "devices")))
            .rules(ResourceClaimTemplates::check)
            .columns(NAME, AGE)
            .build();

    private ResourceClaimTemplates() {}

    private static void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        if (old != null) {
            if (!Objects.equals(o.get("spec"), old.get("spec"))) {
                findings.invalid("spec", o.get("spec"), Findings.IMMUTABLE);
            }
            return;
        }
        Unstructured metadata = o.object("spec", "metadata");
        metadata.strings("annotations")
                .keySet()
                .forEach(key -> findings.invalid("spec.metadata.annotations", key, Names.annotationKey(key)));
        new MetadataRules(findings).labels(metadata.strings("labels"), "spec.metadata.labels");
        new ClaimRules(findings).check(o.object("spec", "spec", "devices"), "spec.spec.devices");
    }
}
