package dev.coracle.apiserver.admission;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Nothing is made in a namespace that is not there or is going away, and the cluster's own namespaces stay. */
final class NamespaceLifecycle implements AdmissionPlugin {
    private static final Set<String> IMMORTAL = Set.of("default", "kube-system", "kube-public");

    private final Objects objects;

    NamespaceLifecycle(Objects objects) {
        this.objects = objects;
    }

    /** Before the others complete anything: what they would look up lies in the namespace. */
    @Override
    public void admit(AdmissionRequest request) {
        if (request.resource().equals(Resources.NAMESPACES)) {
            if (request.operation() == AdmissionRequest.Operation.DELETE && IMMORTAL.contains(request.name())) {
                throw StatusException.forbidden(
                        request.resource(), request.name(), "this namespace may not be deleted");
            }
            return;
        }
        // Access reviews ask about a namespace and make nothing in it.
        if (request.operation() != AdmissionRequest.Operation.CREATE
                || request.namespace().isEmpty()
                || request.resource().group().equals("authorization.k8s.io")) {
            return;
        }
        Unstructured namespace = objects.get(Resources.NAMESPACES, "", request.namespace())
                .orElseThrow(() -> StatusException.notFound(Resources.NAMESPACES, request.namespace()))
                .object();
        if (namespace.isDeleting() || namespace.string("status", "phase").equals("Terminating")) {
            throw terminating(request);
        }
    }

    /** With the cause that lets a controller see that trying again is of no use. */
    private static StatusException terminating(AdmissionRequest request) {
        StatusException plain = StatusException.forbidden(
                request.resource(),
                request.name(),
                "unable to create new content in namespace " + request.namespace() + " because it is being terminated");
        Unstructured details = plain.details().copy();
        details.set(
                List.of(Map.of(
                        "reason", "NamespaceTerminating",
                        "message", "namespace " + request.namespace() + " is being terminated",
                        "field", "metadata.namespace")),
                "causes");
        return new StatusException(plain.code(), plain.reason(), String.valueOf(plain.getMessage()), details);
    }
}
