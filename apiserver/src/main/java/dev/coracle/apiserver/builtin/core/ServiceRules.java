package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Addresses;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.MetadataRules;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules for Services; whether an address or a node port is free is the allocator's to say. */
final class ServiceRules {
    private final Findings findings;

    ServiceRules(Findings findings) {
        this.findings = findings;
    }

    void check(Unstructured o, @Nullable Unstructured old) {
        Unstructured spec = o.object("spec");
        String type = spec.string("type");
        boolean headless = spec.string("clusterIP").equals("None");
        findings.oneOf(spec, "spec", "type", "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        switch (type) {
            case "LoadBalancer", "NodePort" -> {
                if (headless) {
                    String balanced = type.equals("LoadBalancer") ? "LoadBalancer" : type;
                    findings.invalid(
                            "spec.clusterIPs[0]", "None", "may not be set to 'None' for " + balanced + " services");
                }
            }
            case "ExternalName" -> {
                if (!spec.string("clusterIP").isEmpty()) {
                    findings.forbidden("spec.clusterIPs", "may not be set for ExternalName services");
                }
                if (findings.needed(spec, "spec", "externalName")) {
                    String name = spec.string("externalName").replaceAll("\\.$", "");
                    findings.invalid("spec.externalName", spec.string("externalName"), Names.subdomain(name));
                }
            }
            default -> {}
        }
        ports(spec, type, headless);
        new MetadataRules(findings).labels(spec.strings("selector"), "spec.selector");
        findings.oneOf(spec, "spec", "sessionAffinity", "ClientIP", "None");
        findings.oneOf(spec, "spec", "externalTrafficPolicy", "Cluster", "Local");
        findings.oneOf(spec, "spec", "internalTrafficPolicy", "Cluster", "Local");
        long timeout = spec.integer(1, "sessionAffinityConfig", "clientIP", "timeoutSeconds");
        if (timeout <= 0 || timeout > 86400) {
            findings.invalid(
                    "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
                    timeout,
                    "must be greater than 0 and less than 86400");
        }
        addresses(spec);
        if (old != null) {
            update(spec, old.object("spec"));
        }
    }

    private void ports(Unstructured spec, String type, boolean headless) {
        List<Unstructured> ports = spec.objects("ports");
        if (ports.isEmpty() && !headless && !type.equals("ExternalName")) {
            findings.required("spec.ports", "");
        }
        Set<String> names = new HashSet<>();
        Set<String> numbers = new HashSet<>();
        Set<String> nodePorts = new HashSet<>();
        for (int i = 0; i < ports.size(); i++) {
            Unstructured p = ports.get(i);
            String path = "spec.ports[" + i + "]";
            if (ports.size() > 1 && p.string("name").isEmpty()) {
                findings.required(path + ".name", "");
            } else if (!p.string("name").isEmpty()) {
                findings.invalid(path + ".name", p.string("name"), Names.label(p.string("name")));
                if (!names.add(p.string("name"))) {
                    findings.duplicate(path + ".name", p.string("name"));
                }
            }
            long port = p.integer(0, "port");
            findings.invalid(path + ".port", port, Names.portNumber(port));
            findings.oneOf(p, path, "protocol", "SCTP", "TCP", "UDP");
            if (p.get("targetPort") instanceof String name) {
                findings.invalid(path + ".targetPort", name, Names.portName(name));
            } else if (p.has("targetPort")) {
                long target = p.integer(0, "targetPort");
                findings.invalid(path + ".targetPort", target, Names.portNumber(target));
            }
            if (!numbers.add(p.string("protocol") + "/" + port)) {
                findings.duplicate(path, bare(p.string("protocol"), port));
            }
            long nodePort = p.integer(0, "nodePort");
            if (nodePort != 0 && (type.equals("ClusterIP") || type.equals("ExternalName"))) {
                findings.forbidden(path + ".nodePort", "may not be used when `type` is '" + type + "'");
            } else if (nodePort != 0 && !nodePorts.add(p.string("protocol") + "/" + nodePort)) {
                findings.duplicate(path + ".nodePort", nodePort);
            }
        }
    }

    /** As upstream shows what makes a port one of a kind: a port of its internal types with all else left out. */
    private static Map<String, @Nullable Object> bare(String protocol, long port) {
        Map<String, @Nullable Object> m = new LinkedHashMap<>();
        m.put("Name", "");
        m.put("Protocol", protocol);
        m.put("AppProtocol", null);
        m.put("Port", port);
        m.put("TargetPort", 0L);
        m.put("NodePort", 0L);
        return m;
    }

    private void addresses(Unstructured spec) {
        List<String> ips = new ArrayList<>(spec.stringList("clusterIPs"));
        if (ips.isEmpty() && !spec.string("clusterIP").isEmpty()) {
            ips.add(spec.string("clusterIP"));
        }
        for (int i = 0; i < ips.size(); i++) {
            if (!ips.get(i).equals("None")) {
                address(ips.get(i), "spec.clusterIPs[" + i + "]");
            }
        }
        String first = ips.isEmpty() ? "" : ips.getFirst();
        if (!first.equals(spec.string("clusterIP"))) {
            findings.invalid("spec.clusterIPs[0]", ips, "first value must match `clusterIP`");
        }
        List<String> external = spec.stringList("externalIPs");
        for (int i = 0; i < external.size(); i++) {
            String path = "spec.externalIPs[" + i + "]";
            address(external.get(i), path);
            if (Addresses.parse(external.get(i)).isPresent()) {
                findings.invalid(path, external.get(i), Addresses.endpoint(external.get(i)));
            }
        }
    }

    private void address(String ip, String path) {
        findings.invalid(path, ip, Addresses.any(ip));
    }

    private void update(Unstructured now, Unstructured old) {
        boolean both = !now.string("type").equals("ExternalName")
                && !old.string("type").equals("ExternalName");
        String before = old.string("clusterIP");
        if (both && !before.isEmpty() && !before.equals(now.string("clusterIP"))) {
            findings.invalid("spec.clusterIPs[0]", now.get("clusterIPs"), "may not change once set");
        }
    }
}
