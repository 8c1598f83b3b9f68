package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;

/** Defaults of pods and of the templates they are made from. */
public final class PodDefaults {
    private PodDefaults() {}

    /** A pod itself: what a template does not spell out, since then every template would change with it. */
    static void pod(Unstructured spec) {
        template(spec);
        absent(spec, true, "enableServiceLinks");
        for (String list : List.of("initContainers", "containers")) {
            for (Unstructured c : spec.objects(list)) {
                c.strings("resources", "limits").forEach((r, amount) -> absent(c, amount, "resources", "requests", r));
                if (spec.bool("hostNetwork")) {
                    c.objects("ports").forEach(p -> absent(p, p.integer(0, "containerPort"), "hostPort"));
                }
            }
        }
    }

    public static void template(Unstructured spec) {
        absent(spec, "Always", "restartPolicy");
        absent(spec, 30L, "terminationGracePeriodSeconds");
        absent(spec, "ClusterFirst", "dnsPolicy");
        absent(spec, "default-scheduler", "schedulerName");
        absent(spec, Map.of(), "securityContext");
        // The older name of one field: each is written into the other, as upstream's conversion does.
        if (!spec.string("serviceAccountName").isEmpty()) {
            spec.set(spec.string("serviceAccountName"), "serviceAccount");
        } else if (!spec.string("serviceAccount").isEmpty()) {
            spec.set(spec.string("serviceAccount"), "serviceAccountName");
        }
        for (String list : List.of("initContainers", "containers", "ephemeralContainers")) {
            spec.objects(list).forEach(PodDefaults::container);
        }
        spec.objects("volumes").forEach(PodDefaults::volume);
        for (Unstructured t : spec.objects("topologySpreadConstraints")) {
            absent(t, "DoNotSchedule", "whenUnsatisfiable");
        }
    }

    private static void container(Unstructured c) {
        absent(c, "/dev/termination-log", "terminationMessagePath");
        absent(c, "File", "terminationMessagePolicy");
        absent(c, latest(c.string("image")) ? "Always" : "IfNotPresent", "imagePullPolicy");
        absent(c, Map.of(), "resources");
        c.objects("ports").forEach(p -> absent(p, "TCP", "protocol"));
        for (Unstructured e : c.objects("env")) {
            if (e.has("valueFrom", "fieldRef")) {
                absent(e, "v1", "valueFrom", "fieldRef", "apiVersion");
            }
            if (e.has("valueFrom", "resourceFieldRef")) {
                absent(e, "0", "valueFrom", "resourceFieldRef", "divisor");
            }
        }
        for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            if (c.has(probe)) {
                probe(c.object(probe));
            }
        }
        for (String hook : List.of("postStart", "preStop")) {
            httpGet(c.object("lifecycle", hook));
        }
    }

    /** Whether the image's name means the newest: by its tag, or by none; a digest means exactly one. */
    private static boolean latest(String image) {
        int digest = image.indexOf('@');
        String name = digest < 0 ? image : image.substring(0, digest);
        String last = name.substring(name.lastIndexOf('/') + 1);
        int colon = last.indexOf(':');
        if (image.isEmpty()) {
            return false;
        }
        return colon < 0 ? digest < 0 : last.substring(colon + 1).equals("latest");
    }

    private static void probe(Unstructured probe) {
        absent(probe, 1L, "timeoutSeconds");
        absent(probe, 10L, "periodSeconds");
        absent(probe, 1L, "successThreshold");
        absent(probe, 3L, "failureThreshold");
        if (probe.has("grpc")) {
            absent(probe, "", "grpc", "service");
        }
        httpGet(probe);
    }

    private static void httpGet(Unstructured action) {
        if (action.has("httpGet")) {
            absent(action, "/", "httpGet", "path");
            absent(action, "HTTP", "httpGet", "scheme");
        }
    }

    private static void volume(Unstructured v) {
        if (v.map().size() == 1 && v.has("name")) {
            v.set(Map.of(), "emptyDir");
        }
        for (String source : List.of("configMap", "secret", "projected", "downwardAPI")) {
            if (v.has(source)) {
                absent(v, 420L, source, "defaultMode");
            }
        }
        if (v.has("hostPath")) {
            absent(v, "", "hostPath", "type");
        }
        v.objects("downwardAPI", "items").forEach(PodDefaults::downward);
        for (Unstructured s : v.objects("projected", "sources")) {
            s.objects("downwardAPI", "items").forEach(PodDefaults::downward);
            if (s.has("serviceAccountToken")) {
                absent(s, 3600L, "serviceAccountToken", "expirationSeconds");
            }
        }
        if (v.has("ephemeral", "volumeClaimTemplate")) {
            PersistentVolumeClaims.complete(v.object("ephemeral", "volumeClaimTemplate"));
        }
    }

    private static void downward(Unstructured item) {
        if (item.has("fieldRef")) {
            absent(item, "v1", "fieldRef", "apiVersion");
        }
        if (item.has("resourceFieldRef")) {
            absent(item, "0", "resourceFieldRef", "divisor");
        }
    }
}
