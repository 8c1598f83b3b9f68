package dev.coracle.apiserver.builtin.coordination;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;

/** Who holds something, and for how long. */
public final class Leases {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "coordination.k8s.io", "v1", "Lease", "leases")
            .versionedUpdates()
            .columns(NAME, text("Holder", "spec", "holderIdentity"), AGE)
            .build();

    private Leases() {}
}
