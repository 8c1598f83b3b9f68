package dev.coracle.client;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The objects beside it that a pod names, by name in its namespace: what its node must, and may, read. Known on both
 * sides of the API, so that they agree.
 *
 * @param mirror whether it shows what a node runs by itself
 * @param claims PersistentVolumeClaims
 */
public record PodReferences(
        boolean mirror,
        Set<String> secrets,
        Set<String> configMaps,
        Set<String> claims,
        Set<String> resourceClaims,
        Optional<String> account) {
    public static final String MIRROR = "kubernetes.io/config.mirror";

    /** Where kinds of volumes name a Secret in the pod's namespace. */
    private static final List<String[]> VOLUME_SECRETS = List.of(
            new String[] {"secret", "secretName"},
            new String[] {"azureFile", "secretName"},
            new String[] {"cephfs", "secretRef", "name"},
            new String[] {"cinder", "secretRef", "name"},
            new String[] {"flexVolume", "secretRef", "name"},
            new String[] {"rbd", "secretRef", "name"},
            new String[] {"scaleIO", "secretRef", "name"},
            new String[] {"iscsi", "secretRef", "name"},
            new String[] {"storageos", "secretRef", "name"},
            new String[] {"csi", "nodePublishSecretRef", "name"});

    public static PodReferences of(Unstructured pod) {
        Set<String> secrets = new LinkedHashSet<>();
        Set<String> configMaps = new LinkedHashSet<>();
        Set<String> claims = new LinkedHashSet<>();
        pod.objects("spec", "imagePullSecrets").forEach(s -> secrets.add(s.string("name")));
        for (Unstructured c : containers(pod)) {
            for (Unstructured from : c.objects("envFrom")) {
                secrets.add(from.string("secretRef", "name"));
                configMaps.add(from.string("configMapRef", "name"));
            }
            for (Unstructured var : c.objects("env")) {
                secrets.add(var.string("valueFrom", "secretKeyRef", "name"));
                configMaps.add(var.string("valueFrom", "configMapKeyRef", "name"));
            }
        }
        for (Unstructured v : pod.objects("spec", "volumes")) {
            VOLUME_SECRETS.forEach(path -> secrets.add(v.string(path)));
            configMaps.add(v.string("configMap", "name"));
            for (Unstructured source : v.objects("projected", "sources")) {
                secrets.add(source.string("secret", "name"));
                configMaps.add(source.string("configMap", "name"));
            }
            claims.add(
                    v.has("ephemeral")
                            ? pod.name() + "-" + v.string("name")
                            : v.string("persistentVolumeClaim", "claimName"));
        }
        List.of(secrets, configMaps, claims).forEach(names -> names.remove(""));
        return new PodReferences(
                pod.annotations().containsKey(MIRROR),
                secrets,
                configMaps,
                claims,
                resourceClaims(pod),
                Optional.of(pod.string("spec", "serviceAccountName")).filter(n -> !n.isEmpty()));
    }

    /** Those that it names, and those that its status says were made for it. */
    public static Set<String> resourceClaims(Unstructured pod) {
        Set<String> claims = new LinkedHashSet<>();
        for (Unstructured asked : pod.objects("spec", "resourceClaims")) {
            if (asked.has("resourceClaimName")) {
                claims.add(asked.string("resourceClaimName"));
                continue;
            }
            pod.objects("status", "resourceClaimStatuses").stream()
                    .filter(s -> s.string("name").equals(asked.string("name")))
                    .forEach(s -> claims.add(s.string("resourceClaimName")));
        }
        claims.remove("");
        return claims;
    }

    private static List<Unstructured> containers(Unstructured pod) {
        List<Unstructured> all = new ArrayList<>();
        for (String list : List.of("initContainers", "containers", "ephemeralContainers")) {
            all.addAll(pod.objects("spec", list));
        }
        return all;
    }
}
