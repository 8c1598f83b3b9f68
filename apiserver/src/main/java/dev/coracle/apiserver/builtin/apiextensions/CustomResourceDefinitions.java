package dev.coracle.apiserver.builtin.apiextensions;

import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A kind that users bring. */
public final class CustomResourceDefinitions {
    /** Holds a definition until its objects are gone. */
    public static final String FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions")
            .shortNames("crd", "crds")
            .categories("api-extensions")
            .subresources("status")
            .defaults(CustomResourceDefinitions::complete)
            .rules((findings, o, old) -> new CustomResourceRules(findings).check(o, old))
            .generations()
            .created(CustomResourceDefinitions::store)
            .updated((next, old) -> store(next))
            .deleting(o -> {
                if (!o.finalizers().contains(FINALIZER)) {
                    o.add(FINALIZER, "metadata", "finalizers");
                }
            })
            .build();

    private CustomResourceDefinitions() {}

    private static void complete(Unstructured o) {
        Unstructured names = o.object("spec", "names");
        String kind = names.string("kind");
        if (!kind.isEmpty()) {
            absent(o, kind.toLowerCase(Locale.ROOT), "spec", "names", "singular");
            absent(o, kind + "List", "spec", "names", "listKind");
        }
        absent(o, "None", "spec", "conversion", "strategy");
        if (o.has("spec", "conversion", "webhook", "clientConfig", "service")) {
            absent(o, 443L, "spec", "conversion", "webhook", "clientConfig", "service", "port");
        }
    }

    /** What was ever a storage version may still lie in the store. */
    private static void store(Unstructured o) {
        List<Object> versions = new ArrayList<>(o.stringList("status", "storedVersions"));
        for (Unstructured v : o.objects("spec", "versions")) {
            if (v.bool("storage") && !versions.contains(v.string("name"))) {
                versions.add(v.string("name"));
                o.set(versions, "status", "storedVersions");
            }
        }
    }
}
