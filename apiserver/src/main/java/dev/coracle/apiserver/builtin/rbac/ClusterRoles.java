package dev.coracle.apiserver.builtin.rbac;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;

/** What may be done anywhere. */
public final class ClusterRoles {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles")
            .names(Names::pathSegment)
            .rules((findings, o, old) -> new RbacRules(findings).role(o, false))
            .build();

    private ClusterRoles() {}
}
