package dev.coracle.cli.kubectl.describe;

import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code describe pod}. */
final class PodDetails {
    private PodDetails() {}

    static void write(Description d, Unstructured pod) {
        Unstructured spec = pod.object("spec");
        Unstructured status = pod.object("status");
        d.line("Name:\t" + pod.name()).line("Namespace:\t" + pod.namespace());
        if (spec.has("priority")) {
            d.line("Priority:\t" + spec.integer(0, "priority"));
        }
        d.field("Priority Class Name", spec.string("priorityClassName"));
        d.field("Runtime Class Name", spec.string("runtimeClassName"));
        d.field("Service Account", spec.string("serviceAccountName"));
        String node = spec.string("nodeName");
        d.line("Node:\t" + (node.isEmpty() ? "<none>" : node + "/" + status.string("hostIP")));
        if (status.has("startTime")) {
            d.line("Start Time:\t" + d.time(status.time("startTime")));
        }
        d.labels("Labels", pod.labels()).annotations("Annotations", pod.annotations());
        if (pod.isDeleting() && !status.string("reason").equals("NodeLost")) {
            d.line("Status:\tTerminating (lasts " + d.since(pod.time("metadata", "deletionTimestamp")) + ")");
            d.line("Termination Grace Period:\t" + pod.integer(0, "metadata", "deletionGracePeriodSeconds") + "s");
        } else {
            d.line("Status:\t" + status.string("phase"));
        }
        d.field("Reason", status.string("reason")).field("Message", status.string("message"));
        d.field("SeccompProfile", spec.string("securityContext", "seccompProfile", "type"));
        d.line("IP:\t" + status.string("podIP"));
        List<Unstructured> ips = status.objects("podIPs");
        d.line("IPs:" + (ips.isEmpty() ? "\t<none>" : ""));
        ips.forEach(ip -> d.line(1, "IP:\t" + ip.string("ip")));
        pod.controllerOf().ifPresent(o -> d.line("Controlled By:\t" + o.kind() + "/" + o.name()));
        d.field("NominatedNodeName", status.string("nominatedNodeName"));
        containers(d, pod, spec, status);
        conditions(d, spec, status);
        Volumes.write(d, spec.objects("volumes"), "");
        d.line("QoS Class:\t" + status.string("qosClass"));
        d.labels("Node-Selectors", spec.strings("nodeSelector"));
        d.tolerations("Tolerations", spec.objects("tolerations"));
        spread(d, spec, "");
    }

    private static void containers(Description d, Unstructured pod, Unstructured spec, Unstructured status) {
        if (!spec.objects("initContainers").isEmpty()) {
            Containers.write(
                    d,
                    "Init Containers",
                    spec.objects("initContainers"),
                    byName(status.objects("initContainerStatuses")),
                    "",
                    pod);
        }
        Containers.write(
                d, "Containers", spec.objects("containers"), byName(status.objects("containerStatuses")), "", pod);
        if (!spec.objects("ephemeralContainers").isEmpty()) {
            Containers.write(
                    d,
                    "Ephemeral Containers",
                    spec.objects("ephemeralContainers"),
                    byName(status.objects("ephemeralContainerStatuses")),
                    "",
                    pod);
        }
    }

    private static void conditions(Description d, Unstructured spec, Unstructured status) {
        List<Unstructured> gates = spec.objects("readinessGates");
        List<Unstructured> conditions = status.objects("conditions");
        if (!gates.isEmpty()) {
            d.line("Readiness Gates:").line("  Type\tStatus");
            for (Unstructured g : gates) {
                String type = g.string("conditionType");
                String state = conditions.stream()
                        .filter(c -> c.string("type").equals(type))
                        .map(c -> c.string("status"))
                        .findFirst()
                        .orElse("<none>");
                d.line(1, type + " \t" + state + " ");
            }
        }
        if (!conditions.isEmpty()) {
            d.line("Conditions:").line("  Type\tStatus");
            conditions.forEach(c -> d.line(1, c.string("type") + " \t" + c.string("status") + " "));
        }
    }

    private static Map<String, Unstructured> byName(List<Unstructured> statuses) {
        Map<String, Unstructured> map = new LinkedHashMap<>();
        statuses.forEach(s -> map.put(s.string("name"), s));
        return map;
    }

    static void spread(Description d, Unstructured spec, String space) {
        String lead = space + "Topology Spread Constraints:";
        for (Unstructured c : spec.objects("topologySpreadConstraints")) {
            d.line(lead + "\t" + c.string("topologyKey") + ":" + c.string("whenUnsatisfiable")
                    + " when max skew " + c.integer(1, "maxSkew") + " is exceeded for selector "
                    + Description.joined(c.strings("labelSelector", "matchLabels")));
            lead = "";
        }
    }
}
