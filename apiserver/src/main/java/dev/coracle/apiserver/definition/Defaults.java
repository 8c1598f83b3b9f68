package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * What upstream's defaulting fills in ({@code k8s.io/kubernetes/pkg/apis/.../v1/defaults.go}): what a client leaves out,
 * a reader finds written down. Amounts are put in their canonical form on the way, as upstream's decoder does it, so
 * that {@code 0.5} and {@code 500m} are one value.
 */
public final class Defaults {
    private static final String BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private Defaults() {}

    /** Completes {@code o} in place; doing it twice changes nothing. */
    public static void apply(Unstructured o) {
        dropNulls(o.map());
        Amounts.canonical(o);
        switch (o.kind()) {
            case "Pod" -> PodDefaults.pod(o.object("spec"));
            case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob" -> WorkloadDefaults.apply(o);
            case "Service" -> ServiceDefaults.apply(o);
            case "Secret" -> secret(o);
            case "Namespace" -> {
                o.set(o.name(), "metadata", "labels", "kubernetes.io/metadata.name");
                absent(o, "Active", "status", "phase");
            }
            case "PersistentVolumeClaim" -> {
                claim(o);
                absent(o, "Pending", "status", "phase");
            }
            case "PersistentVolume" -> {
                absent(o, "Filesystem", "spec", "volumeMode");
                absent(o, "Retain", "spec", "persistentVolumeReclaimPolicy");
                if (o.has("spec", "hostPath")) {
                    absent(o, "", "spec", "hostPath", "type");
                }
                absent(o, "Pending", "status", "phase");
            }
            case "StorageClass" -> {
                absent(o, "Delete", "reclaimPolicy");
                absent(o, "Immediate", "volumeBindingMode");
            }
            case "IngressClass" -> {
                if (o.has("spec", "parameters")) {
                    absent(o, "Cluster", "spec", "parameters", "scope");
                }
            }
            case "PriorityClass" -> absent(o, "PreemptLowerPriority", "preemptionPolicy");
            case "RoleBinding", "ClusterRoleBinding" -> binding(o);
            case "LimitRange" -> o.objects("spec", "limits").forEach(Defaults::limit);
            case "Node" -> {
                if (o.has("status", "capacity")) {
                    absent(o, Map.copyOf(o.strings("status", "capacity")), "status", "allocatable");
                }
            }
            case "EndpointSlice" ->
                o.objects("ports").forEach(p -> {
                    absent(p, "", "name");
                    absent(p, "TCP", "protocol");
                });
            case "Endpoints" ->
                o.objects("subsets").forEach(s -> s.objects("ports").forEach(p -> absent(p, "TCP", "protocol")));
            default -> {}
        }
    }

    /** Of a write of the status alone, where nothing else can be incomplete. */
    public static void applyToStatus(Unstructured o) {
        Amounts.canonical(o);
        if (o.kind().equals("Service")) {
            o.objects("status", "loadBalancer", "ingress").stream()
                    .filter(i -> !i.string("ip").isEmpty())
                    .forEach(i -> absent(i, "VIP", "ipMode"));
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

    static void absent(Unstructured o, Object value, String... path) {
        if (!o.has(path)) {
            o.set(value instanceof Map<?, ?> m ? new java.util.LinkedHashMap<>(m) : value, path);
        }
    }

    static void claim(Unstructured claim) {
        absent(claim, "Filesystem", "spec", "volumeMode");
    }

    private static void binding(Unstructured o) {
        String rbac = "rbac.authorization.k8s.io";
        if (o.has("roleRef")) {
            absent(o, rbac, "roleRef", "apiGroup");
        }
        for (Unstructured s : o.objects("subjects")) {
            if (List.of("User", "Group").contains(s.string("kind"))) {
                absent(s, rbac, "apiGroup");
            }
        }
    }

    /** A container's default limit is the most it may have, its default request the limit or else the least. */
    private static void limit(Unstructured limit) {
        if (!limit.string("type").equals("Container")) {
            return;
        }
        limit.strings("max").forEach((r, amount) -> absent(limit, amount, "default", r));
        limit.strings("default").forEach((r, amount) -> absent(limit, amount, "defaultRequest", r));
        limit.strings("min").forEach((r, amount) -> absent(limit, amount, "defaultRequest", r));
    }

    private static void secret(Unstructured o) {
        absent(o, "Opaque", "type");
        o.strings("stringData")
                .forEach((k, v) ->
                        o.set(Base64.getEncoder().encodeToString(v.getBytes(StandardCharsets.UTF_8)), "data", k));
        o.remove("stringData");
        o.strings("data").forEach((k, v) -> decodable(v));
    }

    /** As upstream's decoder, which reads values into bytes. */
    private static void decodable(String value) {
        try {
            Base64.getDecoder().decode(value.replaceAll("[\\r\\n]", ""));
        } catch (IllegalArgumentException e) {
            int at = 0;
            while (at < value.length() && BASE64.indexOf(value.charAt(at)) >= 0) {
                at++;
            }
            throw StatusException.badRequest("Secret in version \"v1\" cannot be handled as a Secret: illegal base64"
                    + " data at input byte " + Math.min(at, Math.max(0, value.length() - 1)));
        }
    }
}
