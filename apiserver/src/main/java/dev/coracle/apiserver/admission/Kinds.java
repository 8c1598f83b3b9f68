package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.patch.apply.Structure;
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
        public Optional<ResourceDefinition> definition(GroupVersionResource resource) {
            return Optional.empty();
        }

        @Override
        public Optional<ResourceDefinition> definition(GroupVersionKind kind) {
            return Optional.empty();
        }

        @Override
        public Optional<Schema> schema(GroupVersionKind kind) {
            return Optional.empty();
        }

        @Override
        public Structure structure(GroupVersionKind kind) {
            return Structure.of(path -> null);
        }
    };

    Collection<ResourceDefinition> definitions();

    Optional<ResourceDefinition> definition(GroupVersionResource resource);

    Optional<ResourceDefinition> definition(GroupVersionKind kind);

    /** Of a built-in kind. */
    Optional<Schema> schema(GroupVersionKind kind);

    /** How objects of the kind merge. */
    Structure structure(GroupVersionKind kind);
}
