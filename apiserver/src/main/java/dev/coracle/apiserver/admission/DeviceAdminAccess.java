package dev.coracle.apiserver.admission;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Who claims devices for administration gets at those that others use; that is for namespaces whose label allows it.
 * Upstream's registry looks at this itself, and answers as it does where a claim is invalid.
 */
final class DeviceAdminAccess implements AdmissionPlugin {
    private static final String LABEL = "resource.kubernetes.io/admin-access";
    private static final String RESULTS = "status.allocation.devices.results[";

    private final Objects objects;

    DeviceAdminAccess(Objects objects) {
        this.objects = objects;
    }

    @Override
    public void validate(AdmissionRequest request) {
        field(request).filter(f -> !isAllowed(request.namespace())).ifPresent(f -> {
            String why = "Forbidden: admin access to devices requires the `" + LABEL
                    + ": true` label on the containing namespace";
            throw StatusException.invalid(
                    request.object().groupVersionKind(),
                    request.object().name(),
                    List.of(new Cause("FieldValueForbidden", why, f)));
        });
    }

    private boolean isAllowed(String namespace) {
        return objects.get(Resources.NAMESPACES, "", namespace)
                .map(Revision::labels)
                .filter(l -> "true".equals(l.get(LABEL)))
                .isPresent();
    }

    /** The first one that asks for it, or is newly given it; specs never change. */
    private static Optional<String> field(AdmissionRequest request) {
        Unstructured o = request.object();
        if (request.creates(Resources.RESOURCE_CLAIMS)) {
            return asked(o.objects("spec", "devices", "requests"), "spec.devices.requests[");
        }
        if (request.creates(Resources.RESOURCE_CLAIM_TEMPLATES)) {
            return asked(o.objects("spec", "spec", "devices", "requests"), "spec.spec.devices.requests[");
        }
        boolean gives = request.operation() == AdmissionRequest.Operation.UPDATE
                && request.resource().equals(Resources.RESOURCE_CLAIMS)
                && request.subresource().equals("status");
        return !gives || given(request.oldObject()).isPresent() ? Optional.empty() : given(o);
    }

    private static Optional<String> asked(List<Unstructured> requests, String path) {
        return IntStream.range(0, requests.size())
                .filter(i -> requests.get(i).bool("exactly", "adminAccess"))
                .mapToObj(i -> path + i + "].exactly.adminAccess")
                .findFirst();
    }

    private static Optional<String> given(Unstructured claim) {
        List<Unstructured> results = claim.objects("status", "allocation", "devices", "results");
        return IntStream.range(0, results.size())
                .filter(i -> results.get(i).bool("adminAccess"))
                .mapToObj(i -> RESULTS + i + "].adminAccess")
                .findFirst();
    }
}
