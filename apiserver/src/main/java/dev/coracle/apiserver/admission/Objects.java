package dev.coracle.apiserver.admission;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import java.util.List;
import java.util.Optional;

/**
 * What is stored, without authorization. A write that was acknowledged is seen: {@link ResourceQuota} counts on it.
 */
public interface Objects {
    /** @param namespace {@code ""} for all, and for cluster-scoped resources */
    List<Revision> list(GroupVersionResource resource, String namespace);

    /** Grows with every change of the resource's objects. */
    long version(GroupVersionResource resource);

    Optional<Revision> get(GroupVersionResource resource, String namespace, String name);
}
