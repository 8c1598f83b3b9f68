package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code kubectl create service clusterip|nodeport|loadbalancer|externalname} and {@code kubectl create ingress}. */
final class NetworkObjects {
    static final Map<String, String> SERVICES = Map.of(
            "clusterip", "ClusterIP",
            "nodeport", "NodePort",
            "loadbalancer", "LoadBalancer",
            "externalname", "ExternalName");

    /** {@code host/path=service:port,tls=secret}; host, path and TLS may be missing. */
    private static final Pattern RULE = Pattern.compile(
            "(?<host>[^/=,]*)(?<path>/[^=,]*)?=(?<service>[^:,]+):(?<port>[^:,]+)(?<tls>,tls(=(?<secret>[^,]*))?)?");

    private NetworkObjects() {}

    static Unstructured service(Flags.Line line, String type, String name) {
        String kind = SERVICES.getOrDefault(type, "ClusterIP");
        boolean external = type.equals("externalname");
        boolean headless = line.get("clusterip").equals("None");
        if (line.all("tcp").isEmpty() && !external && !headless) {
            throw new Failure("at least one tcp port specifier must be provided");
        }
        if (external && line.get("external-name").isEmpty()) {
            throw new Failure("required flag(s) \"external-name\" not set");
        }
        Unstructured service = Unstructured.of("v1", "Service", "", name)
                .set(new LinkedHashMap<>(Map.of("app", name)), "metadata", "labels");
        for (String given : line.all("tcp")) {
            for (String port : given.split(",")) {
                service.add(port(line, port, kind), "spec", "ports");
            }
        }
        service.set(new LinkedHashMap<>(Map.of("app", name)), "spec", "selector")
                .set(kind, "spec", "type");
        if (line.has("clusterip")) {
            service.set(line.get("clusterip"), "spec", "clusterIP");
        }
        if (external) {
            service.set(line.get("external-name"), "spec", "externalName");
        }
        return service;
    }

    /** {@code 80}, or {@code 80:8080}. */
    private static Map<String, Object> port(Flags.Line line, String text, String kind) {
        String[] parts = text.split(":", 2);
        Map<String, Object> port = new LinkedHashMap<>();
        port.put("name", text.replace(':', '-'));
        port.put("port", Made.port(parts[0]));
        port.put("protocol", "TCP");
        String target = parts.length > 1 ? parts[1] : parts[0];
        port.put("targetPort", number(target));
        if (kind.equals("NodePort") && line.has("node-port")) {
            port.put("nodePort", line.number("node-port", 0));
        }
        return port;
    }

    private static Object number(String text) {
        return text.matches("[0-9]+") ? Long.valueOf(text) : text;
    }

    static Unstructured ingress(Flags.Line line, String name) {
        if (line.all("rule").isEmpty() && !line.has("default-backend")) {
            throw new Failure("not enough information provided: every ingress has to either specify a default-backend"
                    + " (which catches all traffic) or a list of rules (which catch specific paths)");
        }
        Unstructured ingress = Unstructured.of("networking.k8s.io/v1", "Ingress", "", name);
        for (String a : line.all("annotation")) {
            int equals = a.indexOf('=');
            if (equals <= 0) {
                throw new Failure(a + " is an invalid annotation, expected key=value");
            }
            ingress.set(a.substring(equals + 1), "metadata", "annotations", a.substring(0, equals));
        }
        if (line.has("class")) {
            ingress.set(line.get("class"), "spec", "ingressClassName");
        }
        if (line.has("default-backend")) {
            String[] parts = line.get("default-backend").split(":", 2);
            if (parts.length != 2) {
                throw new Failure("default-backend should be in format servicename:serviceport, got " + parts[0]);
            }
            ingress.set(backend(parts[0], parts[1]).map(), "spec", "defaultBackend");
        }
        Map<String, Unstructured> hosts = new LinkedHashMap<>();
        Map<String, String> secrets = new LinkedHashMap<>();
        for (String given : line.all("rule")) {
            rule(given, hosts, secrets);
        }
        hosts.values().forEach(h -> ingress.add(h, "spec", "rules"));
        secrets.forEach((host, secret) -> {
            Unstructured tls = new Unstructured(new LinkedHashMap<>());
            if (!host.isEmpty()) {
                tls.set(List.of(host), "hosts");
            }
            if (!secret.isEmpty()) {
                tls.set(secret, "secretName");
            }
            ingress.add(tls, "spec", "tls");
        });
        return ingress;
    }

    private static void rule(String given, Map<String, Unstructured> hosts, Map<String, String> secrets) {
        Matcher m = RULE.matcher(given);
        if (!m.matches()) {
            throw new Failure(
                    "rule " + given + " is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]");
        }
        String host = m.group("host");
        String path = m.group("path") == null ? "" : m.group("path");
        boolean prefix = path.endsWith("*");
        Unstructured at = new Unstructured(new LinkedHashMap<>())
                .set(prefix ? path.substring(0, path.length() - 1) : path, "path")
                .set(prefix ? "Prefix" : "Exact", "pathType")
                .set(backend(m.group("service"), m.group("port")).map(), "backend");
        Unstructured rule = hosts.computeIfAbsent(host, h -> new Unstructured(new LinkedHashMap<>()));
        if (!host.isEmpty()) {
            rule.set(host, "host");
        }
        rule.add(at, "http", "paths");
        if (m.group("tls") != null) {
            secrets.put(host, m.group("secret") == null ? "" : m.group("secret"));
        }
    }

    private static Unstructured backend(String service, String port) {
        Object number = number(port);
        return new Unstructured(new LinkedHashMap<>())
                .set(service, "service", "name")
                .set(number, "service", "port", number instanceof Long ? "number" : "name");
    }
}
