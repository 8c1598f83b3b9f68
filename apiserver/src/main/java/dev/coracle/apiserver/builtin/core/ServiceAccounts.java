package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;

/** Who a pod is. */
public final class ServiceAccounts {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "", "v1", "ServiceAccount", "serviceaccounts")
            .shortNames("sa")
            .columns(NAME, text("Secrets", o -> (long) o.objects("secrets").size()), AGE)
            .build();

    private ServiceAccounts() {}
}
