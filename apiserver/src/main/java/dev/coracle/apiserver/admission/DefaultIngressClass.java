package dev.coracle.apiserver.admission;

import dev.coracle.machinery.object.Resources;

/** An ingress that names no class gets the cluster's default one. */
final class DefaultIngressClass implements AdmissionPlugin {
    private final Objects objects;

    DefaultIngressClass(Objects objects) {
        this.objects = objects;
    }

    @Override
    public void admit(AdmissionRequest request) {
        if (request.creates(Resources.INGRESSES)
                && !request.object().has("spec", "ingressClassName")
                && !request.object().annotations().containsKey("kubernetes.io/ingress.class")) {
            Newest.marked(objects.list(Resources.INGRESS_CLASSES, ""), "ingressclass.kubernetes.io/is-default-class")
                    .ifPresent(c -> request.object().set(c.name(), "spec", "ingressClassName"));
        }
    }
}
