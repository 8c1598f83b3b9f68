package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.definition.Conversion;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Optional;

/** The same request as if it were for another version of its resource. Objects go through admission as they are stored. */
public final class Versions {
    private final Kinds kinds;

    public Versions(Kinds kinds) {
        this.kinds = kinds;
    }

    /** Every version, the one that was asked for among them, in which the objects of the request are served. */
    public List<GroupVersionResource> equivalents(AdmissionRequest request) {
        return kinds.definitions().stream()
                .filter(d -> d.storage().equals(request.resource()))
                .map(ResourceDefinition::resource)
                .toList();
    }

    /** What the objects of the request are in a version: those of a subresource are the same in all. */
    public GroupVersionKind kind(AdmissionRequest request, GroupVersionResource version) {
        return kinds.definition(version)
                .filter(d -> d.kind().kind().equals(request.kind().kind()))
                .map(ResourceDefinition::kind)
                .orElse(request.kind());
    }

    private Optional<Conversion> conversion(Unstructured object, GroupVersionResource version) {
        return kinds.definition(version)
                .filter(d -> d.kind().kind().equals(object.kind()))
                .flatMap(ResourceDefinition::conversion);
    }

    /** A stored object in another version: a copy, or the object itself where nothing differs. */
    public Unstructured shown(Unstructured object, GroupVersionResource version) {
        return conversion(object, version)
                .map(c -> c.fromStorage().apply(object.copy()))
                .orElse(object);
    }

    /** The way back. */
    public Unstructured stored(Unstructured object, GroupVersionResource version) {
        return conversion(object, version).map(c -> c.toStorage().apply(object)).orElse(object);
    }
}
