package dev.coracle.apiserver.builtin.storage;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What of a volume its driver may change while it is in use. */
public final class VolumeAttributesClasses {
    private static final int MOST_PARAMETERS = 512;
    private static final int LARGEST = 256 * 1024;

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "storage.k8s.io", "v1", "VolumeAttributesClass", "volumeattributesclasses")
            .shortNames("vac")
            .rules(VolumeAttributesClasses::check)
            .columns(NAME, text("DriverName", "driverName"), AGE)
            .build();

    private VolumeAttributesClasses() {}

    private static void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        if (old != null) {
            for (String fixed : List.of("driverName", "parameters")) {
                if (!Objects.equals(o.get(fixed), old.get(fixed))) {
                    findings.forbidden(fixed, "updates to " + fixed + " are forbidden.");
                }
            }
        }
        String driver = o.string("driverName");
        if (driver.isEmpty()) {
            findings.required("driverName", "");
        } else {
            findings.invalid(
                    "driverName", driver.toLowerCase(Locale.ROOT), Names.qualified(driver.toLowerCase(Locale.ROOT)));
        }
        parameters(findings, o.strings("parameters"));
    }

    private static void parameters(Findings findings, Map<String, String> parameters) {
        if (parameters.size() > MOST_PARAMETERS) {
            findings.tooLong("parameters", MOST_PARAMETERS);
            return;
        }
        int size = 0;
        for (Map.Entry<String, String> p : parameters.entrySet()) {
            if (p.getKey().isEmpty()) {
                findings.invalid("parameters", "", "field can not be empty.");
            }
            size += (p.getKey() + p.getValue()).getBytes(StandardCharsets.UTF_8).length;
        }
        if (size > LARGEST) {
            findings.tooLong("parameters", LARGEST);
        }
        if (parameters.isEmpty()) {
            findings.required("parameters", "must contain at least one key/value pair");
        }
    }
}
