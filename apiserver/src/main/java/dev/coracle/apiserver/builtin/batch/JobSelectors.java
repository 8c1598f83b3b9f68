package dev.coracle.apiserver.builtin.batch;

import dev.coracle.machinery.object.Unstructured;

/** A Job's pods are told from all others by its uid, unless its author chose the selector by hand. */
final class JobSelectors {
    private JobSelectors() {}

    static void select(Unstructured job) {
        if (job.bool("spec", "manualSelector")) {
            return;
        }
        for (String prefix : new String[] {"batch.kubernetes.io/", ""}) {
            job.set(job.uid(), "spec", "template", "metadata", "labels", prefix + "controller-uid");
            job.set(job.name(), "spec", "template", "metadata", "labels", prefix + "job-name");
        }
        if (!job.has("spec", "selector")) {
            job.set(job.uid(), "spec", "selector", "matchLabels", "batch.kubernetes.io/controller-uid");
        }
    }
}
