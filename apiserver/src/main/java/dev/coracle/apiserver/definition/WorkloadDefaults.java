package dev.coracle.apiserver.definition;

import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.machinery.object.Unstructured;

/** Defaults of what makes pods. */
final class WorkloadDefaults {
    private WorkloadDefaults() {}

    static void apply(Unstructured o) {
        switch (o.kind()) {
            case "Deployment" -> deployment(o);
            case "ReplicaSet" -> absent(o, 1L, "spec", "replicas");
            case "StatefulSet" -> statefulSet(o);
            case "DaemonSet" -> daemonSet(o);
            case "Job" -> job(o);
            case "CronJob" -> {
                absent(o, "Allow", "spec", "concurrencyPolicy");
                absent(o, false, "spec", "suspend");
                absent(o, 3L, "spec", "successfulJobsHistoryLimit");
                absent(o, 1L, "spec", "failedJobsHistoryLimit");
                if (o.has("spec", "jobTemplate", "spec", "template", "spec")) {
                    PodDefaults.template(o.object("spec", "jobTemplate", "spec", "template", "spec"));
                }
            }
            default -> {}
        }
        if (o.has("spec", "template", "spec")) {
            PodDefaults.template(o.object("spec", "template", "spec"));
        }
    }

    private static void deployment(Unstructured o) {
        absent(o, 1L, "spec", "replicas");
        absent(o, 10L, "spec", "revisionHistoryLimit");
        absent(o, 600L, "spec", "progressDeadlineSeconds");
        absent(o, "RollingUpdate", "spec", "strategy", "type");
        if (o.string("spec", "strategy", "type").equals("RollingUpdate")) {
            absent(o, "25%", "spec", "strategy", "rollingUpdate", "maxSurge");
            absent(o, "25%", "spec", "strategy", "rollingUpdate", "maxUnavailable");
        }
    }

    private static void statefulSet(Unstructured o) {
        absent(o, 1L, "spec", "replicas");
        absent(o, 10L, "spec", "revisionHistoryLimit");
        absent(o, "OrderedReady", "spec", "podManagementPolicy");
        absent(o, "RollingUpdate", "spec", "updateStrategy", "type");
        if (o.string("spec", "updateStrategy", "type").equals("RollingUpdate")) {
            absent(o, 0L, "spec", "updateStrategy", "rollingUpdate", "partition");
        }
        absent(o, "Retain", "spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted");
        absent(o, "Retain", "spec", "persistentVolumeClaimRetentionPolicy", "whenScaled");
        for (Unstructured claim : o.objects("spec", "volumeClaimTemplates")) {
            claim.set("v1", "apiVersion").set("PersistentVolumeClaim", "kind");
            Defaults.claim(claim);
            absent(claim, "Pending", "status", "phase");
        }
    }

    private static void daemonSet(Unstructured o) {
        absent(o, 10L, "spec", "revisionHistoryLimit");
        absent(o, "RollingUpdate", "spec", "updateStrategy", "type");
        if (o.string("spec", "updateStrategy", "type").equals("RollingUpdate")) {
            absent(o, 1L, "spec", "updateStrategy", "rollingUpdate", "maxUnavailable");
            absent(o, 0L, "spec", "updateStrategy", "rollingUpdate", "maxSurge");
        }
    }

    private static void job(Unstructured o) {
        if (!o.has("spec", "completions") && !o.has("spec", "parallelism")) {
            absent(o, 1L, "spec", "completions");
        }
        absent(o, 1L, "spec", "parallelism");
        absent(o, "NonIndexed", "spec", "completionMode");
        absent(o, false, "spec", "suspend");
        // With a limit for each index the whole job may fail as often as it likes.
        absent(o, o.has("spec", "backoffLimitPerIndex") ? (long) Integer.MAX_VALUE : 6L, "spec", "backoffLimit");
        absent(o, o.has("spec", "podFailurePolicy") ? "Failed" : "TerminatingOrFailed", "spec", "podReplacementPolicy");
    }
}
