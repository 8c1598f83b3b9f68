package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A resource the API serves, told whole: what it is called, what completes its objects and what judges them, what the
 * server decides about them, how they are found and shown. Nothing elsewhere asks a definition for its name to know what to
 * do.
 *
 * @param subresources e.g. {@code status}, {@code scale}
 * @param directory where its objects lie in the store below {@code /registry/}; upstream's layout
 * @param selectable paths that field selectors may use, and how they read
 * @param columns what {@code kubectl get} shows
 * @param scale where the subresource {@code scale} finds its numbers
 * @param schema of a custom resource
 * @param read makes of a stored object, which it may change, what it is today
 * @param conversion of a version that is not the one that is stored
 * @param deprecation what whoever uses this version is told; {@code ""} for none
 * @see DefinitionBuilder
 */
public record ResourceDefinition(
        GroupVersionKind kind,
        String plural,
        String singular,
        List<String> shortNames,
        List<String> categories,
        boolean namespaced,
        Set<String> subresources,
        String directory,
        Map<String, Function<Unstructured, String>> selectable,
        List<Column> columns,
        Defaults defaults,
        Rules rules,
        Strategy strategy,
        ScalePaths scale,
        Optional<CustomSchema> schema,
        UnaryOperator<Unstructured> read,
        Optional<Conversion> conversion,
        String deprecation) {

    /**
     * The same objects in another version or group.
     *
     * @param kind there
     */
    public ResourceDefinition as(GroupVersionKind kind, Conversion conversion) {
        return new ResourceDefinition(
                kind,
                plural,
                singular,
                shortNames,
                categories,
                namespaced,
                subresources,
                directory,
                selectable,
                columns,
                defaults,
                rules,
                strategy,
                scale,
                schema,
                read,
                Optional.of(conversion),
                deprecation);
    }

    /** What the objects are stored as. */
    public GroupVersionResource storage() {
        return conversion.map(Conversion::storage).orElseGet(this::resource);
    }

    public GroupVersionResource resource() {
        return new GroupVersionResource(kind.group(), kind.version(), plural);
    }

    public boolean hasStatus() {
        return subresources.contains("status");
    }
}
