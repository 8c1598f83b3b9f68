package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.resource.ApiResource;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubectl expose}: a Service before what a workload, a pod or another Service selects. */
public final class Expose implements Verb {

    private record Port(long number, String protocol) {}

    @Override
    public Flags flags() {
        return Flags.of(
                        "port",
                        "target-port",
                        "protocol",
                        "name",
                        "type",
                        "selector",
                        "labels,l",
                        "cluster-ip",
                        "external-ip",
                        "session-affinity",
                        "dry-run?client",
                        "output,o",
                        "template",
                        "field-manager")
                .and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        for (Manifests.Entry e : new Manifests(session, new Catalog(session)).read(line)) {
            one(session, line, e.resource(), e.object());
        }
        if (line.has("filename") || line.has("kustomize")) {
            return 0;
        }
        for (Selection.Item item : Selection.of(session, new Catalog(session), line, line.arguments(), "", false)) {
            one(session, line, item.resource(), Rollout.get(session, item));
        }
        return 0;
    }

    private static void one(Session session, Flags.Line line, ApiResource resource, Unstructured exposed)
            throws IOException {
        String kind = resource.kind();
        if (!List.of("ReplicationController", "Service", "Pod", "Deployment", "ReplicaSet")
                .contains(kind)) {
            String group = resource.resource().group();
            throw new Failure("cannot expose a " + kind + (group.isEmpty() ? "" : "." + group));
        }
        Unstructured service = service(line, exposed, kind);
        Made.submit(session, line, Resources.SERVICES, service, "kubectl-expose", "exposed");
    }

    private static Unstructured service(Flags.Line line, Unstructured exposed, String kind) {
        String name = exposed.name();
        Map<String, String> labels = line.has("labels") ? Made.labels(line.get("labels")) : exposed.labels();
        Unstructured service = Unstructured.of(
                "v1", "Service", "", line.get("name", name.length() > 63 ? name.substring(0, 63) : name));
        if (!labels.isEmpty()) {
            service.set(labels, "metadata", "labels");
        }
        service.set(
                line.has("selector") ? Made.labels(line.get("selector")) : selector(exposed, kind), "spec", "selector");
        List<Port> ports = ports(line, exposed, kind);
        for (int i = 0; i < ports.size(); i++) {
            Map<String, Object> p = new LinkedHashMap<>();
            if (ports.size() > 1) {
                p.put("name", "port-" + (i + 1));
            }
            p.put("port", ports.get(i).number());
            p.put("protocol", ports.get(i).protocol());
            p.put("targetPort", target(line, ports.get(i)));
            service.add(p, "spec", "ports");
        }
        Map.of("type", "type", "cluster-ip", "clusterIP", "session-affinity", "sessionAffinity")
                .forEach((flag, field) -> {
                    if (line.has(flag)) {
                        service.set(line.get(flag), "spec", field);
                    }
                });
        if (line.has("external-ip")) {
            service.set(List.of(line.get("external-ip")), "spec", "externalIPs");
        }
        return service.set(new LinkedHashMap<String, Object>(), "status", "loadBalancer");
    }

    private static Object target(Flags.Line line, Port port) {
        String text = line.get("target-port");
        return text.isEmpty() ? port.number() : text.matches("[0-9]+") ? Made.port(text) : text;
    }

    private static Map<String, String> selector(Unstructured exposed, String kind) {
        boolean expressions =
                !exposed.objects("spec", "selector", "matchExpressions").isEmpty();
        Map<String, String> selector = switch (kind) {
            case "Pod" -> exposed.labels();
            case "Deployment", "ReplicaSet" -> exposed.strings("spec", "selector", "matchLabels");
            default -> exposed.strings("spec", "selector");
        };
        if (selector.isEmpty() || expressions) {
            String why = kind.equals("Pod")
                    ? "the pod has no labels and cannot be exposed"
                    : kind.equals("Service")
                            ? "the service has no pod selector set"
                            : expressions
                                    ? "couldn't convert expressions to map-based selector format"
                                    : "invalid " + kind.toLowerCase(java.util.Locale.ROOT) + ": no selectors,"
                                            + " therefore cannot be exposed";
            throw new Failure("couldn't retrieve selectors via --selector flag or introspection: " + why);
        }
        return selector;
    }

    private static List<Port> ports(Flags.Line line, Unstructured exposed, String kind) {
        List<Port> known = new ArrayList<>();
        if (kind.equals("Service")) {
            exposed.objects("spec", "ports").forEach(p -> known.add(port(p, "port")));
        } else {
            Unstructured spec =
                    kind.equals("Pod") ? exposed.object("spec") : exposed.object("spec", "template", "spec");
            for (Unstructured c : spec.objects("containers")) {
                c.objects("ports").forEach(p -> known.add(port(p, "containerPort")));
            }
        }
        List<Port> wanted = known;
        if (line.has("port")) {
            wanted = new ArrayList<>();
            for (String text : line.get("port").split(",")) {
                long number = Made.port(text);
                List<Port> same =
                        known.stream().filter(p -> p.number() == number).toList();
                wanted.addAll(same.isEmpty() ? List.of(new Port(number, "TCP")) : same);
            }
        }
        if (wanted.isEmpty() && !line.get("cluster-ip").equals("None")) {
            throw new Failure("couldn't find port via --port flag or introspection");
        }
        return wanted.stream()
                .map(p -> line.has("protocol") ? new Port(p.number(), line.get("protocol")) : p)
                .distinct()
                .toList();
    }

    private static Port port(Unstructured port, String field) {
        return new Port(port.integer(0, field), port.stringOr("TCP", "protocol"));
    }
}
