package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;

/** A room for names. It is gone when its finalizers in the spec are, which go with the last object in it. */
public final class Namespaces {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "", "v1", "Namespace", "namespaces")
            .shortNames("ns")
            .subresources("status", "finalize")
            .defaults(Namespaces::complete)
            .names(Names::label)
            .created(Namespaces::hold)
            .deleting(o -> o.set("Terminating", "status", "phase"))
            .heldWhile(o -> !o.stringList("spec", "finalizers").isEmpty())
            .selectable("status.phase")
            .selectable("name", Unstructured::name)
            .columns(NAME, text("Status", "status", "phase"), AGE)
            .build();

    private Namespaces() {}

    /** Only now: one that has lost it again has nothing left inside. */
    private static void hold(Unstructured o) {
        if (!o.stringList("spec", "finalizers").contains("kubernetes")) {
            o.add("kubernetes", "spec", "finalizers");
        }
    }

    private static void complete(Unstructured o) {
        o.set(o.name(), "metadata", "labels", "kubernetes.io/metadata.name");
        absent(o, "Active", "status", "phase");
    }
}
