package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.builtin.core.StorageRules;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;

/** A claim may ask for more than it has where its class says that volumes can grow ({@code allowVolumeExpansion}). */
final class PersistentVolumeClaimResize implements AdmissionPlugin {
    private final Objects objects;

    PersistentVolumeClaimResize(Objects objects) {
        this.objects = objects;
    }

    @Override
    public void validate(AdmissionRequest request) {
        if (request.operation() != AdmissionRequest.Operation.UPDATE
                || !request.subresource().isEmpty()
                || !request.resource().equals(Resources.PERSISTENT_VOLUME_CLAIMS)
                || size(request.object()).compareTo(size(request.oldObject())) <= 0) {
            return;
        }
        if (!request.oldObject().string("status", "phase").equals("Bound")) {
            throw refuse(request, "Only bound persistent volume claims can be expanded");
        }
        String name = StorageRules.storageClass(request.object());
        boolean grows = !name.isEmpty()
                && name.equals(StorageRules.storageClass(request.oldObject()))
                && objects.get(Resources.STORAGE_CLASSES, "", name)
                        .filter(c -> c.object().bool("allowVolumeExpansion"))
                        .isPresent();
        if (!grows) {
            throw refuse(
                    request,
                    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must"
                            + " support resize");
        }
    }

    private static Quantity size(Unstructured claim) {
        return claim.has("spec", "resources", "requests", "storage")
                ? Quantity.of(claim.get("spec", "resources", "requests", "storage"))
                : Quantity.ZERO;
    }

    private static StatusException refuse(AdmissionRequest request, String why) {
        return StatusException.forbidden(request.resource(), request.name(), why);
    }
}
