package dev.coracle.apiserver.builtin.apps;

import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.builtin.core.PersistentVolumeClaims;
import dev.coracle.apiserver.builtin.core.PodDefaults;
import dev.coracle.machinery.object.Unstructured;

/** Defaults of what makes pods. */
final class WorkloadDefaults {
    private WorkloadDefaults() {}

    /** Of what has its pods' template at {@code spec.template}. */
    static void template(Unstructured o) {
        if (o.has("spec", "template", "spec")) {
            PodDefaults.template(o.object("spec", "template", "spec"));
        }
    }

    static void replicaSet(Unstructured o) {
        absent(o, 1L, "spec", "replicas");
        template(o);
    }

    static void deployment(Unstructured o) {
        template(o);
        absent(o, 1L, "spec", "replicas");
        absent(o, 10L, "spec", "revisionHistoryLimit");
        absent(o, 600L, "spec", "progressDeadlineSeconds");
        absent(o, "RollingUpdate", "spec", "strategy", "type");
        if (o.string("spec", "strategy", "type").equals("RollingUpdate")) {
            absent(o, "25%", "spec", "strategy", "rollingUpdate", "maxSurge");
            absent(o, "25%", "spec", "strategy", "rollingUpdate", "maxUnavailable");
        }
    }

    static void statefulSet(Unstructured o) {
        template(o);
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
            PersistentVolumeClaims.complete(claim);
            absent(claim, "Pending", "status", "phase");
        }
    }

    static void daemonSet(Unstructured o) {
        template(o);
        absent(o, 10L, "spec", "revisionHistoryLimit");
        absent(o, "RollingUpdate", "spec", "updateStrategy", "type");
        if (o.string("spec", "updateStrategy", "type").equals("RollingUpdate")) {
            absent(o, 1L, "spec", "updateStrategy", "rollingUpdate", "maxUnavailable");
            absent(o, 0L, "spec", "updateStrategy", "rollingUpdate", "maxSurge");
        }
    }
}
