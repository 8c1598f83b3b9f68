package dev.coracle.machinery.schema;

import dev.coracle.machinery.patch.apply.Structure;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What server-side apply may split between owners, for one kind. */
public record SchemaStructure(Schema kind) implements Structure {
    @Override
    public @Nullable List<String> listKeys(String path) {
        Optional<Property> found = kind.at(path);
        if (found.isEmpty()) {
            return null;
        }
        Property p = found.get();
        if (p.listType().isPresent()) {
            return switch (p.listType().get()) {
                case ATOMIC -> null;
                case SET -> List.of();
                case MAP -> p.listKeys();
            };
        }
        // As upstream: a list that says only how it is patched is split likewise.
        return p.patchStrategy().contains("merge")
                ? p.patchMergeKey().map(List::of).orElse(List.of())
                : null;
    }

    @Override
    public boolean atomicMap(String path) {
        return kind.at(path)
                .filter(p -> p.atomic() || p.schema().atomic() || p.schema().preservesUnknownFields())
                .isPresent();
    }
}
