package dev.coracle.cli.kubectl.describe;

import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** {@code describe service}, {@code endpoints} and {@code ingress}. */
final class ServiceDetails {
    private static final int SHOWN = 3;

    private ServiceDetails() {}

    static void service(Description d, Session session, Unstructured o) {
        Unstructured spec = o.object("spec");
        d.line("Name:\t" + o.name())
                .line("Namespace:\t" + o.namespace())
                .labels("Labels", o.labels())
                .annotations("Annotations", o.annotations())
                .line("Selector:\t" + Description.joined(spec.strings("selector")))
                .line("Type:\t" + spec.string("type"))
                .field("IP Family Policy", spec.string("ipFamilyPolicy"))
                .line("IP Families:\t" + Description.orNone(String.join(",", spec.stringList("ipFamilies"))))
                .line("IP:\t" + spec.string("clusterIP"))
                .line("IPs:\t" + Description.orNone(String.join(",", spec.stringList("clusterIPs"))));
        d.field("External IPs", String.join(",", spec.stringList("externalIPs")))
                .field("Desired LoadBalancer IP", spec.string("loadBalancerIP"))
                .field("External Name", spec.string("externalName"));
        d.field(
                "LoadBalancer Ingress",
                o.objects("status", "loadBalancer", "ingress").stream()
                        .map(i -> i.stringOr(i.string("hostname"), "ip")
                                + (i.string("ipMode").isEmpty() ? "" : " (" + i.string("ipMode") + ")"))
                        .collect(Collectors.joining(", ")));
        List<Unstructured> slices = slices(session, o);
        for (Unstructured p : spec.objects("ports")) {
            String name = p.string("name");
            String protocol = p.string("protocol");
            d.line("Port:\t" + (name.isEmpty() ? "<unset>" : name) + "\t" + p.integer(0, "port") + "/" + protocol);
            d.line("TargetPort:\t" + Description.scalar(p.get("targetPort")) + "/" + protocol);
            if (p.has("nodePort")) {
                d.line("NodePort:\t" + (name.isEmpty() ? "<unset>" : name) + "\t" + p.integer(0, "nodePort") + "/"
                        + protocol);
            }
            d.line("Endpoints:\t" + endpoints(slices, name));
        }
        d.line("Session Affinity:\t" + spec.string("sessionAffinity"));
        d.field("External Traffic Policy", spec.string("externalTrafficPolicy"));
        if (spec.integer(0, "healthCheckNodePort") != 0) {
            d.line("HealthCheck NodePort:\t" + spec.integer(0, "healthCheckNodePort"));
        }
        d.field("Internal Traffic Policy", spec.string("internalTrafficPolicy"));
        d.field("LoadBalancer Source Ranges", String.join(",", spec.stringList("loadBalancerSourceRanges")));
    }

    private static List<Unstructured> slices(Session session, Unstructured service) {
        return session
                .client()
                .list(
                        Resources.ENDPOINT_SLICES,
                        service.namespace(),
                        ListOptions.labels("kubernetes.io/service-name=" + service.name()))
                .items()
                .stream()
                .map(Revision::object)
                .toList();
    }

    private static String endpoints(List<Unstructured> slices, String port) {
        List<String> list = new ArrayList<>();
        for (Unstructured s : slices) {
            for (Unstructured p : s.objects("ports")) {
                if (!p.string("name").equals(port)) {
                    continue;
                }
                for (Unstructured e : s.objects("endpoints")) {
                    if (!e.has("conditions", "ready") || e.bool("conditions", "ready")) {
                        e.stringList("addresses").forEach(a -> list.add(a + ":" + p.integer(0, "port")));
                    }
                }
            }
        }
        String text = list.stream().limit(SHOWN).collect(Collectors.joining(","));
        return list.size() > SHOWN ? text + " + " + (list.size() - SHOWN) + " more..." : text;
    }

    static void endpoints(Description d, Unstructured o) {
        d.line("Name:\t" + o.name())
                .line("Namespace:\t" + o.namespace())
                .labels("Labels", o.labels())
                .annotations("Annotations", o.annotations())
                .line("Subsets:");
        for (Unstructured s : o.objects("subsets")) {
            d.line(1, "Addresses:\t" + addresses(s, "addresses"))
                    .line(1, "NotReadyAddresses:\t" + addresses(s, "notReadyAddresses"));
            if (!s.objects("ports").isEmpty()) {
                d.line(1, "Ports:").line(2, "Name\tPort\tProtocol").line(2, "----\t----\t--------");
                for (Unstructured p : s.objects("ports")) {
                    String name = p.string("name");
                    d.line(
                            2,
                            (name.isEmpty() ? "<unset>" : name) + "\t" + p.integer(0, "port") + "\t"
                                    + p.string("protocol"));
                }
            }
            d.line("");
        }
    }

    private static String addresses(Unstructured subset, String list) {
        return Description.orNone(
                subset.objects(list).stream().map(a -> a.string("ip")).collect(Collectors.joining(",")));
    }

    static void ingress(Description d, Session session, Unstructured o) {
        Unstructured spec = o.object("spec");
        d.line("Name:\t" + o.name()).labels("Labels", o.labels()).line("Namespace:\t" + o.namespace());
        d.line("Address:\t"
                + o.objects("status", "loadBalancer", "ingress").stream()
                        .map(i -> i.stringOr(i.string("hostname"), "ip"))
                        .collect(Collectors.joining(",")));
        d.line("Ingress Class:\t" + Description.orNone(spec.string("ingressClassName")));
        d.line("Default backend:\t"
                + (spec.has("defaultBackend") ? backend(session, o, spec.object("defaultBackend")) : "<default>"));
        List<Unstructured> tls = spec.objects("tls");
        if (!tls.isEmpty()) {
            d.line("TLS:");
            for (Unstructured t : tls) {
                String hosts = String.join(",", t.stringList("hosts"));
                d.line(
                        1,
                        t.string("secretName").isEmpty()
                                ? "SNI routes " + hosts
                                : t.string("secretName") + " terminates " + hosts);
            }
        }
        d.line("Rules:").line(1, "Host\tPath\tBackends").line(1, "----\t----\t--------");
        List<Unstructured> rules = spec.objects("rules");
        for (Unstructured r : rules) {
            d.line(1, r.stringOr("*", "host") + "\t");
            for (Unstructured p : r.objects("http", "paths")) {
                d.line(1, "\t" + p.string("path") + " \t" + backend(session, o, p.object("backend")));
            }
        }
        if (rules.isEmpty()) {
            d.line(
                    1,
                    "*\t*\t"
                            + (spec.has("defaultBackend")
                                    ? backend(session, o, spec.object("defaultBackend"))
                                    : "<default>"));
        }
        d.annotations("Annotations", o.annotations());
    }

    private static String backend(Session session, Unstructured ingress, Unstructured b) {
        if (b.has("resource")) {
            return "APIGroup: " + b.string("resource", "apiGroup") + ", Kind: " + b.string("resource", "kind")
                    + ", Name: " + b.string("resource", "name");
        }
        String name = b.string("service", "name");
        String port = b.stringOr("" + b.integer(0, "service", "port", "number"), "service", "port", "name");
        String title = name + ":" + port;
        try {
            Unstructured service = session.client()
                    .get(Resources.SERVICES, ingress.namespace(), name)
                    .object();
            String portName = service.objects("spec", "ports").stream()
                    .filter(p -> p.string("name").equals(port) || (p.integer(0, "port") + "").equals(port))
                    .map(p -> p.string("name"))
                    .findFirst()
                    .orElse("");
            return title + " (" + endpoints(slices(session, service), portName) + ")";
        } catch (StatusException e) {
            return title + " (<error: " + e.getMessage() + ">)";
        }
    }
}
