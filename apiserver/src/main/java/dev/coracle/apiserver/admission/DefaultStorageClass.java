package dev.coracle.apiserver.admission;

import dev.coracle.machinery.object.Resources;

/** A claim that names no class gets the cluster's default one; {@code ""} is a name and stays. */
final class DefaultStorageClass implements AdmissionPlugin {
    private final Objects objects;

    DefaultStorageClass(Objects objects) {
        this.objects = objects;
    }

    @Override
    public void admit(AdmissionRequest request) {
        if (request.creates(Resources.PERSISTENT_VOLUME_CLAIMS)
                && !request.object().has("spec", "storageClassName")
                && !request.object().annotations().containsKey("volume.beta.kubernetes.io/storage-class")) {
            Newest.marked(objects.list(Resources.STORAGE_CLASSES, ""), "storageclass.kubernetes.io/is-default-class")
                    .ifPresent(c -> request.object().set(c.name(), "spec", "storageClassName"));
        }
    }
}
