package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;

/** What somebody asks of storage. */
public final class PersistentVolumeClaims {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "", "v1", "PersistentVolumeClaim", "persistentvolumeclaims")
            .shortNames("pvc")
            .subresources("status")
            .amounts(o -> {
                Amounts.claim(o);
                Amounts.map(o, "status", "capacity");
            })
            .defaults(o -> {
                complete(o);
                absent(o, "Pending", "status", "phase");
            })
            .rules((findings, o, old) -> new StorageRules(findings).claim(o, old))
            .statusRules(PersistentVolumeClaims::checkStatus)
            .columns(
                    NAME,
                    text("Status", o -> o.isDeleting() ? "Terminating" : o.string("status", "phase")),
                    text("Volume", "spec", "volumeName"),
                    text("Capacity", o -> bound(o) ? o.string("status", "capacity", "storage") : ""),
                    text("Access Modes", o -> bound(o) ? StorageRules.shortModes(o, "status") : ""),
                    text("StorageClass", StorageRules::storageClass),
                    text("VolumeAttributesClass", o -> o.stringOr("<unset>", "spec", "volumeAttributesClassName")),
                    AGE,
                    text("VolumeMode", "spec", "volumeMode").wide())
            .build();

    private PersistentVolumeClaims() {}

    /** Also of a claim in a StatefulSet. */
    public static void complete(Unstructured claim) {
        absent(claim, "Filesystem", "spec", "volumeMode");
    }

    private static boolean bound(Unstructured o) {
        return !o.string("spec", "volumeName").isEmpty();
    }

    private static void checkStatus(Findings findings, Unstructured o, Unstructured old) {
        o.strings("status", "capacity").forEach((resource, amount) -> {
            if (Quantity.parse(amount).signum() < 0) {
                findings.invalid("status.capacity[" + resource + "]", amount, "must be a valid resource quantity");
            }
        });
    }
}
