package dev.coracle.apiserver.builtin.networking;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;

/** Whose Ingresses a controller serves. */
public final class IngressClasses {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "networking.k8s.io", "v1", "IngressClass", "ingressclasses")
            .defaults(o -> {
                if (o.has("spec", "parameters")) {
                    absent(o, "Cluster", "spec", "parameters", "scope");
                }
            })
            .generations()
            .columns(
                    NAME, text("Controller", "spec", "controller"), text("Parameters", IngressClasses::parameters), AGE)
            .build();

    private IngressClasses() {}

    private static String parameters(Unstructured o) {
        Unstructured p = o.object("spec", "parameters");
        String group = p.string("apiGroup");
        String kind = group.isEmpty() ? p.string("kind") : p.string("kind") + "." + group;
        return p.map().isEmpty() ? "<none>" : kind + "/" + p.string("name");
    }
}
