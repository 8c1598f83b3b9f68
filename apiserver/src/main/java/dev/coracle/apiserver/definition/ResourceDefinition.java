package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A resource the API serves.
 *
 * @param subresources e.g. {@code status}, {@code scale}
 * @param selectable paths that field selectors may use, and how they read
 */
public record ResourceDefinition(
        GroupVersionKind kind,
        String plural,
        List<String> shortNames,
        List<String> categories,
        boolean namespaced,
        Set<String> subresources,
        Map<String, Function<Unstructured, String>> selectable) {

    public GroupVersionResource resource() {
        return new GroupVersionResource(kind.group(), kind.version(), plural);
    }

    public String singular() {
        return kind.kind().toLowerCase(java.util.Locale.ROOT);
    }

    public boolean hasStatus() {
        return subresources.contains("status");
    }
}
