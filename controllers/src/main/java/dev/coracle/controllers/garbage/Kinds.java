package dev.coracle.controllers.garbage;

import dev.coracle.client.ApiResource;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.OwnerReference;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The kinds that own or are owned: all that the server has at a moment, but for Events, which come and go by themselves.
 * References to others are left alone: who cannot judge does not delete.
 */
final class Kinds {
    /** A kind by its group, whatever the version. */
    private record Kind(String group, String name) {}

    static final Kinds NONE = new Kinds(List.of());

    private final Map<Kind, ApiResource> all = new HashMap<>();

    Kinds(Collection<ApiResource> served) {
        for (ApiResource r : served) {
            boolean followed = r.verbs().containsAll(List.of("list", "watch", "delete"))
                    && !r.resource().resource().equals("events");
            if (followed) {
                all.put(new Kind(r.resource().group(), r.kind()), r);
            }
        }
    }

    Collection<ApiResource> all() {
        return all.values();
    }

    /** Where an owner is: owners are in their dependents' namespace, or in none. */
    record Place(GroupVersionResource resource, String namespace) {}

    @Nullable
    Place of(OwnerReference owner, String dependentsNamespace) {
        int slash = owner.apiVersion().indexOf('/');
        String group = slash < 0 ? "" : owner.apiVersion().substring(0, slash);
        ApiResource found = all.get(new Kind(group, owner.kind()));
        if (found == null) {
            return null;
        }
        if (!found.namespaced()) {
            return new Place(found.resource(), "");
        }
        // An object outside of namespaces cannot be owned by one inside: such a reference is a mistake.
        return dependentsNamespace.isEmpty() ? null : new Place(found.resource(), dependentsNamespace);
    }
}
