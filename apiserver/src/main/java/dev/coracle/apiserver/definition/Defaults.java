package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;

/** What upstream's defaulting fills in, for the kinds that FlowForge uses. */
public final class Defaults {
    private Defaults() {}

    public static void apply(Unstructured o) {
        dropNulls(o.map());
        switch (o.kind()) {
            case "Pod" -> pod(o.object("spec"));
            case "Deployment" -> deployment(o);
            case "ReplicaSet" -> {
                absent(o, 1L, "spec", "replicas");
                template(o);
            }
            case "Service" -> service(o);
            case "Secret" -> secret(o);
            case "Namespace" -> {
                absent(o, List.of("kubernetes"), "spec", "finalizers");
                absent(o, "Active", "status", "phase");
            }
            case "PersistentVolumeClaim" -> {
                absent(o, "Filesystem", "spec", "volumeMode");
                absent(o, "Pending", "status", "phase");
            }
            case "PersistentVolume" -> {
                absent(o, "Filesystem", "spec", "volumeMode");
                absent(o, "Retain", "spec", "persistentVolumeReclaimPolicy");
                absent(o, "Pending", "status", "phase");
            }
            case "StorageClass" -> {
                absent(o, "Delete", "reclaimPolicy");
                absent(o, "Immediate", "volumeBindingMode");
            }
            default -> {}
        }
    }

    /**
     * In a typed object null is the same as absent; clients write {@code creationTimestamp: null} into pod templates, and
     * two templates that differ in nothing else must be equal.
     */
    private static void dropNulls(Object tree) {
        if (tree instanceof Map<?, ?> map) {
            List<?> nulls = map.entrySet().stream()
                    .filter(e -> e.getValue() == null)
                    .map(Map.Entry::getKey)
                    .toList();
            nulls.forEach(map::remove);
            map.values().forEach(Defaults::dropNulls);
        } else if (tree instanceof List<?> list) {
            list.forEach(Defaults::dropNulls);
        }
    }

    private static void absent(Unstructured o, Object value, String... path) {
        if (!o.has(path)) {
            o.set(value, path);
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
        template(o);
    }

    private static void template(Unstructured o) {
        if (o.has("spec", "template", "spec")) {
            pod(o.object("spec", "template", "spec"));
        }
    }

    private static void pod(Unstructured spec) {
        absent(spec, "Always", "restartPolicy");
        absent(spec, 30L, "terminationGracePeriodSeconds");
        absent(spec, "ClusterFirst", "dnsPolicy");
        absent(spec, "default-scheduler", "schedulerName");
        absent(spec, Map.of(), "securityContext");
        absent(spec, true, "enableServiceLinks");
        spec.objects("initContainers").forEach(Defaults::container);
        spec.objects("containers").forEach(Defaults::container);
        for (Unstructured v : spec.objects("volumes")) {
            for (String source : List.of("configMap", "secret", "projected", "downwardAPI")) {
                if (v.has(source)) {
                    absent(v, 420L, source, "defaultMode");
                }
            }
        }
    }

    private static void container(Unstructured c) {
        absent(c, "/dev/termination-log", "terminationMessagePath");
        absent(c, "File", "terminationMessagePolicy");
        String image = c.string("image");
        String tag = image.substring(image.lastIndexOf('/') + 1);
        absent(c, tag.contains(":") && !tag.endsWith(":latest") ? "IfNotPresent" : "Always", "imagePullPolicy");
        absent(c, Map.of(), "resources");
        c.objects("ports").forEach(p -> absent(p, "TCP", "protocol"));
        for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            if (c.has(probe)) {
                absent(c, 10L, probe, "periodSeconds");
                absent(c, 1L, probe, "timeoutSeconds");
                absent(c, 1L, probe, "successThreshold");
                absent(c, 3L, probe, "failureThreshold");
                if (c.has(probe, "httpGet")) {
                    absent(c, "HTTP", probe, "httpGet", "scheme");
                    absent(c, "/", probe, "httpGet", "path");
                }
            }
        }
    }

    private static void service(Unstructured o) {
        absent(o, "ClusterIP", "spec", "type");
        absent(o, "None", "spec", "sessionAffinity");
        absent(o, "Cluster", "spec", "internalTrafficPolicy");
        if (!o.string("spec", "type").equals("ExternalName")) {
            absent(o, List.of("IPv4"), "spec", "ipFamilies");
            absent(o, "SingleStack", "spec", "ipFamilyPolicy");
        }
        if (List.of("NodePort", "LoadBalancer").contains(o.string("spec", "type"))) {
            absent(o, "Cluster", "spec", "externalTrafficPolicy");
        }
        for (Unstructured p : o.objects("spec", "ports")) {
            absent(p, "TCP", "protocol");
            if (!p.has("targetPort") && p.has("port")) {
                p.set(p.integer(0, "port"), "targetPort");
            }
        }
        absent(o, Map.of(), "status", "loadBalancer");
    }

    private static void secret(Unstructured o) {
        absent(o, "Opaque", "type");
        o.strings("stringData")
                .forEach((k, v) -> o.set(
                        java.util.Base64.getEncoder()
                                .encodeToString(v.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                        "data",
                        k));
        o.remove("stringData");
    }
}
