package dev.coracle.apiserver.builtin.resource;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Devices that claims can ask for by one name. */
public final class DeviceClasses {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "resource.k8s.io", "v1", "DeviceClass", "deviceclasses")
            .rules(DeviceClasses::check)
            .generations()
            .columns(NAME, AGE)
            .build();

    private DeviceClasses() {}

    private static void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        Unstructured spec = o.object("spec");
        var claims = new ClaimRules(findings);
        claims.selectors(spec.objects("selectors"), "spec.selectors", isAsBefore("selectors", spec, old));
        boolean stored = isAsBefore("config", spec, old);
        claims.several()
                .list(
                        spec.objects("config"),
                        ClaimRules.MOST,
                        "spec.config",
                        (config, at) -> claims.configuration(config, at, stored));
        if (spec.has("extendedResourceName") && !isExtended(spec.string("extendedResourceName"))) {
            findings.invalid(
                    "spec.extendedResourceName",
                    spec.string("extendedResourceName"),
                    "must be a valid extended resource name");
        }
    }

    private static boolean isAsBefore(String field, Unstructured spec, @Nullable Unstructured old) {
        return old != null && Objects.equals(spec.get(field), old.get("spec", field));
    }

    /** One that Kubernetes does not define, and of which a quota can speak. */
    private static boolean isExtended(String name) {
        return name.contains("/")
                && !name.contains("kubernetes.io/")
                && !name.startsWith("requests.")
                && Names.qualified("requests." + name).isEmpty();
    }
}
