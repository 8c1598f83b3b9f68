package dev.coracle.apiserver.builtin.networking;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** Rules for Ingress. */
final class IngressRules {
    private static final String HOST = "spec.rules[%d].host";

    private final Findings findings;

    IngressRules(Findings findings) {
        this.findings = findings;
    }

    void check(Unstructured o) {
        List<Unstructured> rules = o.objects("spec", "rules");
        if (rules.isEmpty() && !o.has("spec", "defaultBackend")) {
            findings.invalid("spec", null, "either `defaultBackend` or `rules` must be specified");
        }
        if (o.has("spec", "defaultBackend")) {
            backend(o.object("spec", "defaultBackend"), "spec.defaultBackend");
        }
        for (int i = 0; i < rules.size(); i++) {
            String host = rules.get(i).string("host");
            if (!host.isEmpty()) {
                host(host, HOST.formatted(i));
            }
            if (rules.get(i).has("http")) {
                paths(rules.get(i).objects("http", "paths"), "spec.rules[" + i + "].http.paths");
            }
        }
        List<Unstructured> tls = o.objects("spec", "tls");
        for (int i = 0; i < tls.size(); i++) {
            List<String> hosts = tls.get(i).stringList("hosts");
            for (int j = 0; j < hosts.size(); j++) {
                host(hosts.get(j), "spec.tls[" + i + "].hosts[" + j + "]");
            }
        }
        if (!o.string("spec", "ingressClassName").isEmpty()) {
            String name = o.string("spec", "ingressClassName");
            findings.invalid("spec.ingressClassName", name, Names.subdomain(name));
        }
    }

    private void host(String host, String path) {
        if (host.matches("[0-9]+(\\.[0-9]+){3}") || host.contains(":")) {
            findings.invalid(path, host, "must be a DNS name, not an IP address");
        }
        findings.invalid(path, host, Names.subdomain(host.startsWith("*.") ? host.substring(2) : host));
    }

    private void paths(List<Unstructured> paths, String at) {
        if (paths.isEmpty()) {
            findings.required(at, "");
        }
        for (int i = 0; i < paths.size(); i++) {
            Unstructured p = paths.get(i);
            String here = at + "[" + i + "]";
            String type = p.string("pathType");
            if (type.isEmpty()) {
                findings.required(here + ".pathType", "pathType must be specified");
            }
            findings.oneOf(p, here, "pathType", "Exact", "ImplementationSpecific", "Prefix");
            boolean free =
                    type.equals("ImplementationSpecific") && p.string("path").isEmpty();
            if (!free && !type.isEmpty() && !p.string("path").startsWith("/")) {
                findings.invalid(here + ".path", p.string("path"), "must be an absolute path");
            }
            for (String bad : List.of("//", "/./", "/../", "%2f", "%2F")) {
                if (!type.equals("ImplementationSpecific") && p.string("path").contains(bad)) {
                    findings.invalid(here + ".path", p.string("path"), "must not contain '" + bad + "'");
                }
            }
            backend(p.object("backend"), here + ".backend");
        }
    }

    private void backend(Unstructured b, String path) {
        boolean service = b.has("service");
        if (!service && !b.has("resource")) {
            findings.invalid(path, "", "resource or service backend is required");
        } else if (service && b.has("resource")) {
            findings.invalid(path, "", "cannot set both resource and service backends");
        } else if (service) {
            String name = b.string("service", "name");
            if (name.isEmpty()) {
                findings.required(path + ".service.name", "");
            } else {
                findings.invalid(path + ".service.name", name, Names.label(name));
            }
            String portName = b.string("service", "port", "name");
            long number = b.integer(0, "service", "port", "number");
            if (!portName.isEmpty() && number != 0) {
                findings.invalid(path, "", "cannot set both port name & port number");
            } else if (!portName.isEmpty()) {
                findings.invalid(path + ".service.port.name", portName, Names.portName(portName));
            } else if (number != 0) {
                findings.invalid(path + ".service.port.number", number, Names.portNumber(number));
            } else {
                findings.required(path, "port name or number is required");
            }
        }
    }
}
