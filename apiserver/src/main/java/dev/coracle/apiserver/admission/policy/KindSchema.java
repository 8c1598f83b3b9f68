package dev.coracle.apiserver.admission.policy;

import dev.coracle.machinery.schema.Schema;
import java.util.Map;

/** What objects of a kind look like, as it is told of the two sorts of kinds. */
public sealed interface KindSchema {
    record BuiltIn(Schema schema) implements KindSchema {}

    /** @param openApi a version's {@code openAPIV3Schema} */
    record Custom(Map<String, Object> openApi) implements KindSchema {}
}
