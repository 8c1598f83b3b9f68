package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.schema.Schema;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What is served at this moment. */
public interface Kinds {
    Kinds NONE = new Kinds() {
        @Override
        public Collection<ResourceDefinition> definitions() {
            return List.of();
        }

        @Override
        public Optional<Schema> schema(GroupVersionKind kind) {
            return Optional.empty();
        }
    };

    Collection<ResourceDefinition> definitions();

    /** Of a built-in kind. */
    Optional<Schema> schema(GroupVersionKind kind);
}
