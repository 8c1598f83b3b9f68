package dev.coracle.apiserver.builtin.rbac;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;

/** Who may do in a namespace what a role says. */
public final class RoleBindings {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings")
            .defaults(BindingColumns::complete)
            .names(Names::pathSegment)
            .rules((findings, o, old) -> new RbacRules(findings).binding(o, old))
            .columns(
                    NAME,
                    BindingColumns.ROLE,
                    AGE,
                    BindingColumns.subjects("Users", "User"),
                    BindingColumns.subjects("Groups", "Group"),
                    BindingColumns.subjects("ServiceAccounts", "ServiceAccount"))
            .build();

    private RoleBindings() {}
}
