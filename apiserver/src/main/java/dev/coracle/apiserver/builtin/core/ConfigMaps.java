package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;

/** Configuration as keys and values. */
public final class ConfigMaps {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "", "v1", "ConfigMap", "configmaps")
            .shortNames("cm")
            .rules((findings, o, old) -> new DataRules(findings).check(o, old))
            .columns(
                    NAME,
                    text(
                            "Data",
                            o -> (long) o.object("data").map().size()
                                    + o.object("binaryData").map().size()),
                    AGE)
            .build();

    private ConfigMaps() {}
}
