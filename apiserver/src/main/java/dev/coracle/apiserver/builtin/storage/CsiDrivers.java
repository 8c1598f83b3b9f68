package dev.coracle.apiserver.builtin.storage;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.orNone;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.stream.Collectors;

/** What is to be known of a driver of storage before it is asked. */
public final class CsiDrivers {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "storage.k8s.io", "v1", "CSIDriver", "csidrivers")
            .defaults(CsiDrivers::complete)
            .rules((findings, o, old) -> new CsiDriverRules(findings).check(o, old))
            .generations()
            .versionedUpdates()
            .columns(
                    NAME,
                    flag("AttachRequired", "attachRequired", true),
                    flag("PodInfoOnMount", "podInfoOnMount", false),
                    flag("StorageCapacity", "storageCapacity", false),
                    text("TokenRequests", CsiDrivers::audiences),
                    flag("RequiresRepublish", "requiresRepublish", false),
                    text("Modes", o -> orNone(String.join(",", o.stringList("spec", "volumeLifecycleModes")))),
                    AGE)
            .build();

    private CsiDrivers() {}

    private static void complete(Unstructured o) {
        absent(o, true, "spec", "attachRequired");
        absent(o, false, "spec", "podInfoOnMount");
        absent(o, false, "spec", "storageCapacity");
        absent(o, "ReadWriteOnceWithFSType", "spec", "fsGroupPolicy");
        if (o.stringList("spec", "volumeLifecycleModes").isEmpty()) {
            o.set(List.of("Persistent"), "spec", "volumeLifecycleModes");
        }
        absent(o, false, "spec", "requiresRepublish");
        absent(o, false, "spec", "seLinuxMount");
    }

    private static Column flag(String name, String field, boolean otherwise) {
        return new Column(
                name, "boolean", "", "", 0, (o, now) -> o.has("spec", field) ? o.bool("spec", field) : otherwise);
    }

    private static String audiences(Unstructured o) {
        return o.has("spec", "tokenRequests")
                ? o.objects("spec", "tokenRequests").stream()
                        .map(t -> t.string("audience"))
                        .collect(Collectors.joining(","))
                : "<unset>";
    }
}
