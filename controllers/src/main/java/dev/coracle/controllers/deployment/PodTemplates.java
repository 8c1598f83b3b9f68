package dev.coracle.controllers.deployment;

import dev.coracle.machinery.object.Unstructured;

/** Telling pod templates apart. */
final class PodTemplates {
    static final String HASH = "pod-template-hash";

    private PodTemplates() {}

    /** Whether the set was made from the Deployment's template as it is. */
    static boolean same(Unstructured deployment, Unstructured set) {
        Unstructured template = set.object("spec", "template").copy();
        template.remove("metadata", "labels", HASH);
        return template.equals(deployment.object("spec", "template"));
    }
}
