package dev.coracle.apiserver.builtin.storage;

import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.LabelSelectorRules;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How much storage of a class a part of the nodes has left. */
public final class CsiStorageCapacities {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities")
            .amounts(CsiStorageCapacities::amounts)
            .rules(CsiStorageCapacities::check)
            .columns(
                    NAME,
                    text("StorageClassName", "storageClassName"),
                    text("Capacity", o -> o.stringOr("<unset>", "capacity")))
            .build();

    private CsiStorageCapacities() {}

    private static void amounts(Unstructured o) {
        Amounts.map(o, "capacity");
        Amounts.map(o, "maximumVolumeSize");
    }

    private static void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        LabelSelectorRules.check(findings, o.object("nodeTopology"), "nodeTopology");
        findings.invalid(
                "storageClassName", o.string("storageClassName"), Names.subdomain(o.string("storageClassName")));
        if (o.has("capacity") && Quantity.parse(o.string("capacity")).signum() < 0) {
            findings.invalid("capacity", o.string("capacity"), Findings.NOT_NEGATIVE);
        }
        if (old == null) {
            return;
        }
        for (String fixed : List.of("nodeTopology", "storageClassName")) {
            if (!Objects.equals(o.get(fixed), old.get(fixed))) {
                findings.invalid(fixed, o.get(fixed), Findings.IMMUTABLE);
            }
        }
    }
}
