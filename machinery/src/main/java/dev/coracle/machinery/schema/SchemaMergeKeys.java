package dev.coracle.machinery.schema;

import dev.coracle.machinery.patch.StrategicMergePatch.MergeKeys;
import org.jspecify.annotations.Nullable;

/** The {@code patchMergeKey}s of one kind. */
public record SchemaMergeKeys(Schema kind) implements MergeKeys {
    @Override
    public @Nullable String of(String path) {
        return kind.at(path)
                .filter(p -> p.schema().kind() == Schema.Kind.LIST)
                .filter(p -> p.patchStrategy().contains("merge"))
                .map(p -> p.patchMergeKey().orElse(""))
                .orElse(null);
    }
}
