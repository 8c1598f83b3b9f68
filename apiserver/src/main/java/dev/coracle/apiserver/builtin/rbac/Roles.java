package dev.coracle.apiserver.builtin.rbac;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;

/** What may be done in a namespace. */
public final class Roles {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "rbac.authorization.k8s.io", "v1", "Role", "roles")
            .names(Names::pathSegment)
            .rules((findings, o, old) -> new RbacRules(findings).role(o, true))
            .build();

    private Roles() {}
}
