package dev.coracle.controllers.kit;

import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.Optional;

/** Asking the server itself where a copy that is behind would do harm, and taking "it is gone" for an answer. */
public final class Live {
    private Live() {}

    public static Optional<Revision> find(Client client, GroupVersionResource resource, String namespace, String name) {
        try {
            return Optional.of(client.get(resource, namespace, name));
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Deletes this very object; false when it is gone already, though another of its name may be there. */
    public static boolean delete(Client client, GroupVersionResource resource, Unstructured object) {
        return delete(client, resource, object, DeleteOptions.of(object.uid()));
    }

    public static boolean delete(
            Client client, GroupVersionResource resource, Unstructured object, DeleteOptions options) {
        try {
            client.delete(resource, object.namespace(), object.name(), options);
            return true;
        } catch (StatusException e) {
            if (e.isNotFound() || e.isConflict()) {
                return false;
            }
            throw e;
        }
    }

    /** Whether what was refused so may have been done all the same: its answer was late, or got lost. */
    public static boolean isUnsure(StatusException e) {
        return e.code() >= 500;
    }

    /** Whether a create was refused because its namespace is going: not worth a retry, everything in it goes. */
    public static boolean isTerminating(StatusException e) {
        return e.details().objects("causes").stream()
                .anyMatch(c -> c.string("reason").equals("NamespaceTerminating"));
    }
}
