package dev.coracle.kubelet.field;

import dev.coracle.machinery.object.Unstructured;
import java.util.Map;
import java.util.stream.Collectors;

/** The fields of a pod that the downward API shows. */
public final class PodFields {
    private PodFields() {}

    /**
     * @param pod its status as far as it is known: addresses come from there
     * @throws IllegalArgumentException when the path is not one that may be asked for
     */
    public static String value(Unstructured pod, String path) {
        int bracket = path.indexOf("['");
        if (bracket > 0 && path.endsWith("']")) {
            String key = path.substring(bracket + 2, path.length() - 2);
            return switch (path.substring(0, bracket)) {
                case "metadata.labels" -> pod.labels().getOrDefault(key, "");
                case "metadata.annotations" -> pod.annotations().getOrDefault(key, "");
                default -> throw unsupported(path);
            };
        }
        return switch (path) {
            case "metadata.name" -> pod.name();
            case "metadata.namespace" -> pod.namespace();
            case "metadata.uid" -> pod.uid();
            case "metadata.labels" -> lines(pod.labels());
            case "metadata.annotations" -> lines(pod.annotations());
            case "spec.nodeName" -> pod.string("spec", "nodeName");
            case "spec.serviceAccountName" -> pod.string("spec", "serviceAccountName");
            case "status.hostIP", "status.hostIPs" -> pod.string("status", "hostIP");
            case "status.podIP" -> pod.string("status", "podIP");
            case "status.podIPs" ->
                pod.objects("status", "podIPs").stream()
                        .map(ip -> ip.string("ip"))
                        .collect(Collectors.joining(","));
            default -> throw unsupported(path);
        };
    }

    private static IllegalArgumentException unsupported(String path) {
        return new IllegalArgumentException("unsupported fieldPath: " + path);
    }

    /** {@code key="value"}, sorted, a line each. */
    private static String lines(Map<String, String> map) {
        return map.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(e ->
                        e.getKey() + "=\"" + e.getValue().replace("\\", "\\\\").replace("\"", "\\\"") + "\"")
                .collect(Collectors.joining("\n"));
    }
}
