package dev.coracle.apiserver.builtin.storage;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How storage is made. */
public final class StorageClasses {
    private static final String DEFAULT = "storageclass.kubernetes.io/is-default-class";

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "storage.k8s.io", "v1", "StorageClass", "storageclasses")
            .shortNames("sc")
            .defaults(StorageClasses::complete)
            .rules(StorageClasses::check)
            .columns(
                    new Column("Name", "string", "name", "", 0, (o, now) -> shownName(o)),
                    text("Provisioner", "provisioner"),
                    text("ReclaimPolicy", "reclaimPolicy"),
                    text("VolumeBindingMode", "volumeBindingMode"),
                    text("AllowVolumeExpansion", o -> String.valueOf(o.bool("allowVolumeExpansion"))),
                    AGE)
            .build();

    private StorageClasses() {}

    private static void complete(Unstructured o) {
        absent(o, "Delete", "reclaimPolicy");
        absent(o, "Immediate", "volumeBindingMode");
    }

    private static String shownName(Unstructured o) {
        boolean isDefault = o.annotations().getOrDefault(DEFAULT, "").equals("true")
                || o.annotations()
                        .getOrDefault(DEFAULT.replace("storageclass.", "storageclass.beta."), "")
                        .equals("true");
        return isDefault ? o.name() + " (default)" : o.name();
    }

    private static void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        if (!List.of("Delete", "Retain").contains(o.string("reclaimPolicy"))) {
            findings.notSupported("reclaimPolicy", o.string("reclaimPolicy"), "Delete", "Retain");
        }
        if (o.string("provisioner").isEmpty()) {
            findings.required("provisioner", "");
        }
        if (!List.of("Immediate", "WaitForFirstConsumer").contains(o.string("volumeBindingMode"))) {
            findings.notSupported(
                    "volumeBindingMode", o.string("volumeBindingMode"), "Immediate", "WaitForFirstConsumer");
        }
        if (old == null) {
            return;
        }
        for (String fixed : List.of("parameters", "provisioner", "reclaimPolicy")) {
            if (!Objects.equals(o.get(fixed), old.get(fixed))) {
                findings.forbidden(fixed, "updates to " + fixed + " are forbidden.");
            }
        }
        if (!Objects.equals(o.get("volumeBindingMode"), old.get("volumeBindingMode"))) {
            findings.invalid("volumeBindingMode", o.get("volumeBindingMode"), Findings.IMMUTABLE);
        }
    }
}
