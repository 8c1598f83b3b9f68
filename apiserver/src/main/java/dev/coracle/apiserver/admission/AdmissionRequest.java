package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A write on its way to the registry, or a connection that is about to be made.
 *
 * @param kind of {@code object}: for a subresource often another than the resource's
 * @param resource as its objects are stored
 * @param requested as the client asked for it: perhaps in another version
 * @param subresource {@code ""} for the object itself
 * @param namespace {@code ""} for cluster-scoped resources
 * @param name {@code ""} where none is known
 * @param object mutable; empty for deletions
 * @param oldObject shared, read only; empty for creations
 * @param options the request's {@code CreateOptions}, {@code UpdateOptions} or {@code DeleteOptions}; empty for a connection
 * @param warnings told what the writer should know though the write is allowed
 */
public record AdmissionRequest(
        Operation operation,
        GroupVersionKind kind,
        GroupVersionResource resource,
        GroupVersionResource requested,
        String subresource,
        String namespace,
        String name,
        Unstructured object,
        Unstructured oldObject,
        Unstructured options,
        UserInfo user,
        boolean dryRun,
        Consumer<String> warnings) {
    /** Stands for an object that there is not; never changed. */
    public static final Unstructured NONE = new Unstructured(Map.of());

    /** As {@code admission.k8s.io/v1} names them. */
    public enum Operation {
        CREATE,
        UPDATE,
        DELETE,
        CONNECT
    }

    /** What is asked of a subresource by sending it an object of its own, such as a Binding. */
    public static AdmissionRequest creating(
            GroupVersionKind kind,
            GroupVersionResource resource,
            String subresource,
            String namespace,
            String name,
            Unstructured object,
            UserInfo user,
            boolean dryRun,
            Consumer<String> warnings) {
        Unstructured options = Unstructured.of("meta.k8s.io/v1", "CreateOptions");
        if (dryRun) {
            options.add("All", "dryRun");
        }
        return new AdmissionRequest(
                Operation.CREATE,
                kind,
                resource,
                resource,
                subresource,
                namespace,
                name,
                object,
                NONE,
                options,
                user,
                dryRun,
                warnings);
    }

    /** @param object the options of the connection, such as {@code PodExecOptions} */
    public static AdmissionRequest connecting(
            GroupVersionResource resource,
            String subresource,
            String namespace,
            String name,
            Unstructured object,
            UserInfo user,
            Consumer<String> warnings) {
        return new AdmissionRequest(
                Operation.CONNECT,
                object.groupVersionKind(),
                resource,
                resource,
                subresource,
                namespace,
                name,
                object,
                NONE,
                NONE,
                user,
                false,
                warnings);
    }

    /** Whether a pod is to ask for other amounts than it did. */
    boolean resizesPod() {
        return operation == Operation.UPDATE && subresource.equals("resize") && resource.equals(Resources.PODS);
    }

    /** Whether an object of the resource, and no subresource of one, is being created. */
    boolean creates(GroupVersionResource r) {
        return operation == Operation.CREATE && subresource.isEmpty() && resource.equals(r);
    }
}
