package dev.coracle.apiserver.bootstrap;

import dev.coracle.apiserver.registry.Registry;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** Creates what is missing, and leaves alone what somebody has changed. */
public final class Bootstrap {
    private Bootstrap() {}

    public static void ensure(Registry registry) {
        for (String ns : List.of("default", "kube-system", "kube-public", "kube-node-lease")) {
            registry.ensure(Resources.NAMESPACES, "", Unstructured.of("v1", "Namespace", "", ns));
        }
        DefaultRoles defaults = DefaultRoles.read();
        defaults.roles().forEach(r -> registry.ensure(Resources.CLUSTER_ROLES, "", r));
        defaults.bindings().forEach(b -> registry.ensure(Resources.CLUSTER_ROLE_BINDINGS, "", b));
    }
}
