package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.util.function.Consumer;

/**
 * A write on its way to the registry.
 *
 * @param subresource {@code ""} for the object itself
 * @param namespace {@code ""} for cluster-scoped resources
 * @param name {@code ""} while {@code generateName} has not made one
 * @param object mutable; empty for deletions
 * @param oldObject shared, read only; empty for creations
 * @param warnings told what the writer should know though the write is allowed
 */
public record AdmissionRequest(
        Operation operation,
        GroupVersionResource resource,
        String subresource,
        String namespace,
        String name,
        Unstructured object,
        Unstructured oldObject,
        UserInfo user,
        boolean dryRun,
        Consumer<String> warnings) {
    /** As {@code admission.k8s.io/v1} names them. */
    public enum Operation {
        CREATE,
        UPDATE,
        DELETE,
        CONNECT
    }

    /** Whether an object of the resource, and no subresource of one, is being created. */
    boolean creates(GroupVersionResource r) {
        return operation == Operation.CREATE && subresource.isEmpty() && resource.equals(r);
    }
}
