package dev.coracle.apiserver.http;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.Set;

/**
 * What is told of an object that is gone: of most kinds a Status with its name and uid, of a few the object as it last was.
 * Clients that are generated from the OpenAPI document count on the one or the other, kind by kind.
 */
final class Deleted {
    private static final Set<GroupVersionResource> SHOWN = Set.of(
            Resources.PODS,
            Resources.NAMESPACES,
            Resources.SERVICES,
            Resources.SERVICE_ACCOUNTS,
            Resources.PERSISTENT_VOLUMES,
            Resources.PERSISTENT_VOLUME_CLAIMS,
            Resources.RESOURCE_QUOTAS,
            Resources.STORAGE_CLASSES);

    private Deleted() {}

    /** Empty where the object itself is the answer, be it that it waits for its finalizers. */
    static Optional<Unstructured> status(Revision r) {
        if (SHOWN.contains(r.resource()) || !r.object().finalizers().isEmpty()) {
            return Optional.empty();
        }
        Unstructured status = Unstructured.of("v1", "Status")
                .set(new LinkedHashMap<>(), "metadata")
                .set("Success", "status")
                .set(r.name(), "details", "name");
        if (!r.resource().group().isEmpty()) {
            status.set(r.resource().group(), "details", "group");
        }
        return Optional.of(
                status.set(r.resource().resource(), "details", "kind").set(r.uid(), "details", "uid"));
    }
}
