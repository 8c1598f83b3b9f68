package dev.coracle.cli.kubectl.describe;

import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** {@code describe configmap}, {@code secret}, {@code namespace} and {@code persistentvolumeclaim}. */
final class DataDetails {
    private DataDetails() {}

    static void configMap(Description d, Unstructured o) {
        d.line("Name:\t" + o.name())
                .line("Namespace:\t" + o.namespace())
                .labels("Labels", o.labels())
                .annotations("Annotations", o.annotations());
        d.line("").line("Data").line("====");
        new TreeMap<>(o.strings("data"))
                .forEach((k, v) -> d.line(k + ":").line("----").line(v).line(""));
        d.line("").line("BinaryData").line("====");
        new TreeMap<>(o.strings("binaryData"))
                .forEach((k, v) -> d.line(k + ": " + Base64.getDecoder().decode(v).length + " bytes"));
        d.line("");
    }

    static void secret(Description d, Unstructured o) {
        d.line("Name:\t" + o.name())
                .line("Namespace:\t" + o.namespace())
                .labels("Labels", o.labels())
                .annotations("Annotations", o.annotations());
        d.line("").line("Type:\t" + o.string("type"));
        d.line("").line("Data").line("====");
        new TreeMap<>(o.strings("data"))
                .forEach((k, v) -> d.line(k + ":\t" + Base64.getDecoder().decode(v).length + " bytes"));
    }

    static void namespace(Description d, Session session, Unstructured o) {
        d.line("Name:\t" + o.name())
                .labels("Labels", o.labels())
                .annotations("Annotations", o.annotations())
                .line("Status:\t" + o.string("status", "phase"));
        List<Revision> quotas = session.client()
                .list(Resources.RESOURCE_QUOTAS, o.name(), ListOptions.ALL)
                .items();
        if (quotas.isEmpty()) {
            d.line("").line("No resource quota.");
        } else {
            d.line("").line("Resource Quotas");
            for (Revision q : quotas) {
                d.line(1, "Name:\t" + q.name()).line(1, "Resource\tUsed\tHard").line(1, "--------\t---\t---");
                new TreeMap<>(q.object().strings("status", "hard"))
                        .forEach((k, hard) -> d.line(
                                1,
                                k + "\t" + q.object().strings("status", "used").getOrDefault(k, "0") + "\t" + hard));
            }
        }
        d.line("").line("No LimitRange resource.");
    }

    static void claim(Description d, Session session, Unstructured o) {
        Unstructured spec = o.object("spec");
        Unstructured status = o.object("status");
        d.line("Name:\t" + o.name())
                .line("Namespace:\t" + o.namespace())
                .line("StorageClass:\t" + spec.string("storageClassName"))
                .line("Status:\t"
                        + (o.isDeleting()
                                ? "Terminating (lasts " + d.since(o.time("metadata", "deletionTimestamp")) + ")"
                                : status.string("phase")))
                .line("Volume:\t" + spec.string("volumeName"))
                .labels("Labels", o.labels())
                .annotations("Annotations", o.annotations())
                .line("Finalizers:\t[" + String.join(" ", o.finalizers()) + "]")
                .line("Capacity:\t" + status.string("capacity", "storage"))
                .line("Access Modes:\t" + modes(status.stringList("accessModes")))
                .line("VolumeMode:\t" + spec.stringOr("Filesystem", "volumeMode"));
        List<String> users = session.client().list(Resources.PODS, o.namespace(), ListOptions.ALL).items().stream()
                .filter(p -> p.object().objects("spec", "volumes").stream()
                        .anyMatch(v ->
                                v.string("persistentVolumeClaim", "claimName").equals(o.name())))
                .map(Revision::name)
                .toList();
        String lead = "Used By:";
        for (String u : users) {
            d.line(lead + "\t" + u);
            lead = "";
        }
        if (users.isEmpty()) {
            d.line("Used By:\t<none>");
        }
    }

    private static String modes(List<String> modes) {
        return modes.stream()
                .map(m -> switch (m) {
                    case "ReadWriteOnce" -> "RWO";
                    case "ReadOnlyMany" -> "ROX";
                    case "ReadWriteMany" -> "RWX";
                    case "ReadWriteOncePod" -> "RWOP";
                    default -> m;
                })
                .collect(Collectors.joining(","));
    }
}
