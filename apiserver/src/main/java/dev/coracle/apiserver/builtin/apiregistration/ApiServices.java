package dev.coracle.apiserver.builtin.apiregistration;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;

/** Which server answers for a group and version: this one, or the one behind a Service. */
public final class ApiServices {
    public static final String GROUP = "apiregistration.k8s.io";

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    GROUP, "v1", "APIService", "apiservices")
            .categories("api-extensions")
            .subresources("status")
            .names(Names::pathSegment)
            .defaults(ApiServices::complete)
            .rules((findings, o, old) -> new ApiServiceRules(findings).check(o))
            .statusRules((findings, o, old) -> new ApiServiceRules(findings).status(o))
            .created(ApiServices::begin)
            .versionedUpdates()
            .statusResets("metadata", "labels")
            .statusResets("metadata", "annotations")
            .statusResets("metadata", "finalizers")
            .statusResets("metadata", "ownerReferences")
            .columns(NAME, text("Service", ApiServices::service), text("Available", ApiServices::available), AGE)
            .build();

    private ApiServices() {}

    private static void complete(Unstructured o) {
        if (o.has("spec", "service")) {
            absent(o, 443L, "spec", "service", "port");
        }
    }

    /** What this server answers for is there at once. */
    private static void begin(Unstructured o) {
        if (!o.has("spec", "service")) {
            o.add(
                    new Unstructured(new LinkedHashMap<>())
                            .set("Available", "type")
                            .set("True", "status")
                            .set(o.string("metadata", "creationTimestamp"), "lastTransitionTime")
                            .set("Local", "reason")
                            .set("Local APIServices are always available", "message"),
                    "status",
                    "conditions");
        }
    }

    private static String service(Unstructured o) {
        return o.has("spec", "service")
                ? o.string("spec", "service", "namespace") + "/" + o.string("spec", "service", "name")
                : "Local";
    }

    private static String available(Unstructured o) {
        return o.objects("status", "conditions").stream()
                .filter(c -> c.string("type").equals("Available"))
                .findFirst()
                .map(c ->
                        c.string("status").equals("True") || c.string("reason").isEmpty()
                                ? c.string("status")
                                : c.string("status") + " (" + c.string("reason") + ")")
                .orElse("Unknown");
    }
}
