package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;

/** A piece of storage. */
public final class PersistentVolumes {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "", "v1", "PersistentVolume", "persistentvolumes")
            .shortNames("pv")
            .subresources("status")
            .amounts(o -> Amounts.map(o, "spec", "capacity"))
            .defaults(PersistentVolumes::complete)
            .rules((findings, o, old) -> new StorageRules(findings).volume(o.object("spec"), old))
            .bringsStatus()
            .columns(
                    NAME,
                    text("Capacity", "spec", "capacity", "storage"),
                    text("Access Modes", o -> StorageRules.shortModes(o, "spec")),
                    text("Reclaim Policy", "spec", "persistentVolumeReclaimPolicy"),
                    text("Status", o -> o.isDeleting() ? "Terminating" : o.string("status", "phase")),
                    text("Claim", PersistentVolumes::claim),
                    text("StorageClass", StorageRules::storageClass),
                    text("VolumeAttributesClass", o -> o.stringOr("<unset>", "spec", "volumeAttributesClassName")),
                    text("Reason", "status", "reason"),
                    AGE,
                    text("VolumeMode", "spec", "volumeMode").wide())
            .build();

    private PersistentVolumes() {}

    private static void complete(Unstructured o) {
        absent(o, "Filesystem", "spec", "volumeMode");
        absent(o, "Retain", "spec", "persistentVolumeReclaimPolicy");
        if (o.has("spec", "hostPath")) {
            absent(o, "", "spec", "hostPath", "type");
        }
        absent(o, "Pending", "status", "phase");
    }

    private static String claim(Unstructured o) {
        Unstructured claim = o.object("spec", "claimRef");
        return claim.map().isEmpty() ? "" : claim.string("namespace") + "/" + claim.string("name");
    }
}
