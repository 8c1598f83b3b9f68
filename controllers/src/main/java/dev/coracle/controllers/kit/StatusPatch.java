package dev.coracle.controllers.kit;

import dev.coracle.client.Client;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the status of objects of one resource, where it differs from what it was. */
public final class StatusPatch {
    private final Client client;
    private final GroupVersionResource resource;

    public StatusPatch(Client client, GroupVersionResource resource) {
        this.client = client;
        this.resource = resource;
    }

    /**
     * Makes {@code status} the object's, whole; true when there was something to write. Whoever else changed the object
     * meanwhile does not matter; another object of its name is left alone, by a conflict.
     */
    public boolean write(Unstructured object, Unstructured status) {
        return write(object, status, false);
    }

    /** The same, but a conflict when the object is no longer the one that was decided upon. */
    public boolean writeUnchanged(Unstructured object, Unstructured status) {
        return write(object, status, true);
    }

    private boolean write(Unstructured object, Unstructured status, boolean unchanged) {
        Unstructured before = object.object("status");
        if (status.equals(before)) {
            return false;
        }
        Unstructured patch = new Unstructured(new LinkedHashMap<>())
                .set(object.uid(), "metadata", "uid")
                .set(new Unstructured(becoming(before.map(), status.copy().map())), "status");
        if (unchanged) {
            patch.set(object.resourceVersion(), "metadata", "resourceVersion");
        }
        client.patch(resource, object.namespace(), object.name(), Patch.merge(patch), WriteOptions.STATUS);
        return true;
    }

    /** A merge patch removes what it says to be null, and only that: so do the maps within. */
    @SuppressWarnings("unchecked")
    private static Map<String, Object> becoming(Map<String, Object> before, Map<String, Object> after) {
        before.forEach((name, old) -> {
            @Nullable Object now = after.get(name);
            if (now == null) {
                after.put(name, null);
            } else if (now instanceof Map<?, ?> m && old instanceof Map<?, ?> o) {
                becoming((Map<String, Object>) o, (Map<String, Object>) m);
            }
        });
        return after;
    }
}
