package dev.coracle.cli.kubectl.describe;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** The volumes of a pod or a template. */
final class Volumes {
    private Volumes() {}

    static void write(Description d, List<Unstructured> volumes, String space) {
        d.line(space + "Volumes:" + (volumes.isEmpty() ? "\t<none>" : ""));
        for (Unstructured v : volumes) {
            d.line(1, (space.isEmpty() ? "" : " ") + v.string("name") + ":");
            String kind = v.map().keySet().stream()
                    .filter(k -> !k.equals("name"))
                    .findFirst()
                    .orElse("");
            one(d, kind, v.object(kind));
        }
    }

    private static void one(Description d, String kind, Unstructured v) {
        switch (kind) {
            case "hostPath" -> {
                type(d, "HostPath (bare host directory volume)");
                d.line(2, "Path:\t" + v.string("path")).line(2, "HostPathType:\t" + v.string("type"));
            }
            case "emptyDir" -> {
                type(d, "EmptyDir (a temporary directory that shares a pod's lifetime)");
                d.line(2, "Medium:\t" + v.string("medium"))
                        .line(
                                2,
                                "SizeLimit:\t"
                                        + (v.has("sizeLimit") ? Description.scalar(v.get("sizeLimit")) : "<unset>"));
            }
            case "secret" -> {
                type(d, "Secret (a volume populated by a Secret)");
                d.line(2, "SecretName:\t" + v.string("secretName")).line(2, "Optional:\t" + v.bool("optional"));
            }
            case "configMap" -> {
                type(d, "ConfigMap (a volume populated by a ConfigMap)");
                d.line(2, "Name:\t" + v.string("name")).line(2, "Optional:\t" + v.bool("optional"));
            }
            case "persistentVolumeClaim" -> {
                type(d, "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)");
                d.line(2, "ClaimName:\t" + v.string("claimName")).line(2, "ReadOnly:\t" + v.bool("readOnly"));
            }
            case "downwardAPI" -> {
                type(d, "DownwardAPI (a volume populated by information about the pod)");
                d.line(2, "Items:");
                v.objects("items")
                        .forEach(i -> d.line(3, i.string("fieldRef", "fieldPath") + " -> " + i.string("path")));
            }
            case "projected" -> {
                type(d, "Projected (a volume that contains injected data from multiple sources)");
                v.objects("sources").forEach(s -> projected(d, s));
            }
            case "nfs" -> {
                type(d, "NFS (an NFS mount that lasts the lifetime of a pod)");
                d.line(2, "Server:\t" + v.string("server"))
                        .line(2, "Path:\t" + v.string("path"))
                        .line(2, "ReadOnly:\t" + v.bool("readOnly"));
            }
            default -> d.line(1, "<unknown>");
        }
    }

    private static void type(Description d, String text) {
        d.line(2, "Type:\t" + text);
    }

    private static void projected(Description d, Unstructured s) {
        if (s.has("secret")) {
            d.line(2, "SecretName:\t" + s.string("secret", "name"))
                    .line(2, "Optional:\t" + s.bool("secret", "optional"));
        } else if (s.has("downwardAPI")) {
            d.line(2, "DownwardAPI:\ttrue");
        } else if (s.has("configMap")) {
            d.line(2, "ConfigMapName:\t" + s.string("configMap", "name"))
                    .line(2, "Optional:\t" + s.bool("configMap", "optional"));
        } else if (s.has("serviceAccountToken")) {
            d.line(2, "TokenExpirationSeconds:\t" + s.integer(3600, "serviceAccountToken", "expirationSeconds"));
        }
    }
}
