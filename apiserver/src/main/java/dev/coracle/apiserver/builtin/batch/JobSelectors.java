package dev.coracle.apiserver.builtin.batch;

import dev.coracle.machinery.object.Unstructured;
import java.util.Map;

/** A Job's pods are told from all others by its uid, unless its author chose the selector by hand. */
final class JobSelectors {
    private JobSelectors() {}

    static void select(Unstructured job) {
        if (job.bool("spec", "manualSelector")) {
            return;
        }
        boolean takesLabels = job.labels().equals(job.strings("spec", "template", "metadata", "labels"));
        for (String prefix : new String[] {"batch.kubernetes.io/", ""}) {
            job.set(job.uid(), "spec", "template", "metadata", "labels", prefix + "controller-uid");
            job.set(job.name(), "spec", "template", "metadata", "labels", prefix + "job-name");
        }
        if (takesLabels) {
            label(job);
        }
        if (!job.has("spec", "selector")) {
            job.set(job.uid(), "spec", "selector", "matchLabels", "batch.kubernetes.io/controller-uid");
        }
    }

    /** A Job that was given no labels has those of its pods. */
    static void label(Unstructured job) {
        Map<String, String> labels = job.strings("spec", "template", "metadata", "labels");
        if (!labels.isEmpty()) {
            job.set(labels, "metadata", "labels");
        }
    }
}
