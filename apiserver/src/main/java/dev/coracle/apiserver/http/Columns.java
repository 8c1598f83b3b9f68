package dev.coracle.apiserver.http;

import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The columns of each kind; a header with {@code ~} shows with {@code -o wide} alone. */
final class Columns {
    private static final Map<String, List<String>> HEADERS = Map.ofEntries(
            Map.entry(
                    "pods",
                    List.of(
                            "Name",
                            "Ready",
                            "Status",
                            "Restarts",
                            "Age",
                            "~IP",
                            "~Node",
                            "~Nominated Node",
                            "~Readiness Gates")),
            Map.entry(
                    "deployments",
                    List.of("Name", "Ready", "Up-to-date", "Available", "Age", "~Containers", "~Images", "~Selector")),
            Map.entry(
                    "replicasets",
                    List.of("Name", "Desired", "Current", "Ready", "Age", "~Containers", "~Images", "~Selector")),
            Map.entry("services", List.of("Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age", "~Selector")),
            Map.entry("nodes", List.of("Name", "Status", "Roles", "Age", "Version", "~Internal-IP")),
            Map.entry("namespaces", List.of("Name", "Status", "Age")),
            Map.entry("configmaps", List.of("Name", "Data", "Age")),
            Map.entry("secrets", List.of("Name", "Type", "Data", "Age")),
            Map.entry("endpoints", List.of("Name", "Endpoints", "Age")),
            Map.entry("events", List.of("Last Seen", "Type", "Reason", "Object", "Message")),
            Map.entry(
                    "persistentvolumeclaims",
                    List.of("Name", "Status", "Volume", "Capacity", "Access Modes", "StorageClass", "Age")),
            Map.entry("ingresses", List.of("Name", "Class", "Hosts", "Address", "Ports", "Age")));

    private final Clock clock;

    Columns(Clock clock) {
        this.clock = clock;
    }

    static List<String> headers(String plural) {
        return HEADERS.getOrDefault(plural, List.of("Name", "Created At"));
    }

    List<Object> cells(String plural, Unstructured o) {
        List<Object> cells = new ArrayList<>(
                switch (plural) {
                    case "pods" -> pod(o);
                    case "deployments" -> deployment(o);
                    case "replicasets" -> replicaSet(o);
                    case "services" -> service(o);
                    case "nodes" ->
                        List.of(
                                o.name(),
                                nodeStatus(o),
                                roles(o),
                                age(o),
                                o.string("status", "nodeInfo", "kubeletVersion"),
                                address(o));
                    case "namespaces" -> List.of(o.name(), o.string("status", "phase"), age(o));
                    case "configmaps" -> List.of(o.name(), size(o, "data") + size(o, "binaryData"), age(o));
                    case "secrets" -> List.of(o.name(), o.string("type"), size(o, "data"), age(o));
                    case "endpoints" -> List.of(o.name(), endpoints(o), age(o));
                    case "events" ->
                        List.of(
                                since(o.time("lastTimestamp").or(() -> o.time("metadata", "creationTimestamp"))),
                                o.string("type"),
                                o.string("reason"),
                                o.string("involvedObject", "kind").toLowerCase(java.util.Locale.ROOT) + "/"
                                        + o.string("involvedObject", "name"),
                                o.string("message").trim());
                    case "persistentvolumeclaims" ->
                        List.of(
                                o.name(),
                                o.isDeleting() ? "Terminating" : o.string("status", "phase"),
                                o.string("spec", "volumeName"),
                                o.string("status", "capacity", "storage"),
                                modes(o),
                                o.string("spec", "storageClassName"),
                                age(o));
                    case "ingresses" -> ingress(o);
                    default -> List.of(o.name(), o.string("metadata", "creationTimestamp"));
                });
        return cells;
    }

    private List<Object> pod(Unstructured o) {
        PodStatus status = PodStatus.of(o);
        String restarts = "" + status.restarts();
        String restarted = status.lastRestart()
                .map(t -> restarts + " (" + Tables.age(Duration.between(t, clock.now())) + " ago)")
                .orElse(restarts);
        return List.of(
                o.name(),
                status.ready(),
                status.reason(),
                restarted,
                age(o),
                or(o.string("status", "podIP")),
                or(o.string("spec", "nodeName")),
                or(o.string("status", "nominatedNodeName")),
                "<none>");
    }

    private List<Object> deployment(Unstructured o) {
        List<Object> cells = new ArrayList<>(List.of(
                o.name(),
                o.integer(0, "status", "readyReplicas") + "/" + o.integer(0, "spec", "replicas"),
                o.integer(0, "status", "updatedReplicas"),
                o.integer(0, "status", "availableReplicas"),
                age(o)));
        cells.addAll(template(o));
        return cells;
    }

    private List<Object> replicaSet(Unstructured o) {
        List<Object> cells = new ArrayList<>(List.of(
                o.name(),
                o.integer(0, "spec", "replicas"),
                o.integer(0, "status", "replicas"),
                o.integer(0, "status", "readyReplicas"),
                age(o)));
        cells.addAll(template(o));
        return cells;
    }

    private static List<Object> template(Unstructured o) {
        List<Unstructured> containers = o.objects("spec", "template", "spec", "containers");
        return List.of(
                containers.stream().map(c -> c.string("name")).collect(Collectors.joining(",")),
                containers.stream().map(c -> c.string("image")).collect(Collectors.joining(",")),
                labels(o.strings("spec", "selector", "matchLabels")));
    }

    private List<Object> service(Unstructured o) {
        String ports = o.objects("spec", "ports").stream()
                .map(p -> p.integer(0, "port") + (p.has("nodePort") ? ":" + p.integer(0, "nodePort") : "") + "/"
                        + p.string("protocol"))
                .collect(Collectors.joining(","));
        String external = o.objects("status", "loadBalancer", "ingress").stream()
                .map(i -> i.stringOr(i.string("hostname"), "ip"))
                .collect(Collectors.joining(","));
        boolean balancer = o.string("spec", "type").equals("LoadBalancer");
        return List.of(
                o.name(),
                o.string("spec", "type"),
                or(o.string("spec", "clusterIP")),
                external.isEmpty() ? balancer ? "<pending>" : "<none>" : external,
                or(ports),
                age(o),
                labels(o.strings("spec", "selector")));
    }

    private List<Object> ingress(Unstructured o) {
        return List.of(
                o.name(),
                or(o.string("spec", "ingressClassName")),
                o.objects("spec", "rules").stream()
                        .map(r -> r.stringOr("*", "host"))
                        .distinct()
                        .collect(Collectors.joining(",")),
                o.objects("status", "loadBalancer", "ingress").stream()
                        .map(i -> i.stringOr(i.string("hostname"), "ip"))
                        .collect(Collectors.joining(",")),
                o.has("spec", "tls") ? "80, 443" : "80",
                age(o));
    }

    private static String nodeStatus(Unstructured o) {
        String ready = o.objects("status", "conditions").stream()
                .filter(c -> c.string("type").equals("Ready"))
                .map(c -> c.string("status").equals("True") ? "Ready" : "NotReady")
                .findFirst()
                .orElse("Unknown");
        return o.bool("spec", "unschedulable") ? ready + ",SchedulingDisabled" : ready;
    }

    private static String roles(Unstructured o) {
        String prefix = "node-role.kubernetes.io/";
        String roles = o.labels().keySet().stream()
                .filter(k -> k.startsWith(prefix))
                .map(k -> k.substring(prefix.length()))
                .sorted()
                .collect(Collectors.joining(","));
        return or(roles);
    }

    private static String address(Unstructured o) {
        return o.objects("status", "addresses").stream()
                .filter(a -> a.string("type").equals("InternalIP"))
                .map(a -> a.string("address"))
                .findFirst()
                .orElse("<none>");
    }

    private static String endpoints(Unstructured o) {
        List<String> list = new ArrayList<>();
        for (Unstructured s : o.objects("subsets")) {
            for (Unstructured a : s.objects("addresses")) {
                for (Unstructured p : s.objects("ports")) {
                    list.add(a.string("ip") + ":" + p.integer(0, "port"));
                }
            }
        }
        int more = list.size() - 3;
        String text = String.join(",", list.subList(0, Math.min(3, list.size())));
        return list.isEmpty() ? "<none>" : more > 0 ? text + " + " + more + " more..." : text;
    }

    private static String modes(Unstructured o) {
        return o.stringList("status", "accessModes").stream()
                .map(m -> switch (m) {
                    case "ReadWriteOnce" -> "RWO";
                    case "ReadOnlyMany" -> "ROX";
                    case "ReadWriteMany" -> "RWX";
                    default -> "RWOP";
                })
                .collect(Collectors.joining(","));
    }

    private static long size(Unstructured o, String field) {
        return o.object(field).map().size();
    }

    private static String labels(Map<String, String> labels) {
        return or(labels.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(",")));
    }

    private static String or(String text) {
        return text.isEmpty() ? "<none>" : text;
    }

    private String age(Unstructured o) {
        return since(o.time("metadata", "creationTimestamp"));
    }

    private String since(Optional<java.time.Instant> time) {
        return time.map(t -> Tables.age(Duration.between(t, clock.now()))).orElse("<unknown>");
    }
}
