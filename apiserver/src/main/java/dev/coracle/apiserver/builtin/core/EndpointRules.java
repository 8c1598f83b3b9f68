package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Addresses;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.MetadataRules;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules for EndpointSlice and Endpoints: proxy, DNS and ingress send traffic wherever these say. */
public final class EndpointRules {
    private static final int ENDPOINTS = 1000;
    private static final int ADDRESSES = 100;
    private static final int PORTS = 20000;
    private static final int TOPOLOGY = 16;
    private static final int HINTS = 8;

    private final Findings findings;

    public EndpointRules(Findings findings) {
        this.findings = findings;
    }

    /** Of the older form. */
    void endpoints(Unstructured o) {
        List<Unstructured> subsets = o.objects("subsets");
        for (int i = 0; i < subsets.size(); i++) {
            subset(subsets.get(i), "subsets[" + i + "]");
        }
    }

    public void slice(Unstructured o, @Nullable Unstructured old) {
        String type = o.string("addressType");
        if (type.isEmpty()) {
            findings.required("addressType", "");
        } else if (!List.of("FQDN", "IPv4", "IPv6").contains(type)) {
            findings.notSupported("addressType", type, "FQDN", "IPv4", "IPv6");
        }
        endpoints(o, type);
        ports(o);
        if (old != null && !type.equals(old.string("addressType"))) {
            findings.invalid("addressType", type, Findings.IMMUTABLE);
        }
    }

    // ---- slices

    private void endpoints(Unstructured o, String type) {
        List<Unstructured> endpoints = o.objects("endpoints");
        if (endpoints.size() > ENDPOINTS) {
            findings.tooMany("endpoints", endpoints.size(), ENDPOINTS);
            return;
        }
        for (int i = 0; i < endpoints.size(); i++) {
            Unstructured e = endpoints.get(i);
            String path = "endpoints[" + i + "]";
            List<String> addresses = e.stringList("addresses");
            if (addresses.isEmpty()) {
                findings.required(path + ".addresses", "must contain at least 1 address");
            } else if (addresses.size() > ADDRESSES) {
                findings.tooMany(path + ".addresses", addresses.size(), ADDRESSES);
            }
            for (int j = 0; j < addresses.size(); j++) {
                address(addresses.get(j), type, path + ".addresses[" + j + "]");
            }
            rest(e, path);
        }
    }

    private void address(String address, String type, String path) {
        switch (type) {
            case "IPv4" -> {
                findings.invalid(path, address, Addresses.four(address));
                findings.invalid(path, address, Addresses.endpoint(address));
            }
            case "IPv6" -> {
                findings.invalid(path, address, Addresses.six(address));
                findings.invalid(path, address, Addresses.endpoint(address));
            }
            case "FQDN" -> domain(address, path);
            default -> {}
        }
    }

    private void domain(String name, String path) {
        if (name.isEmpty()) {
            findings.required(path, "");
            return;
        }
        String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        List<String> wrong = Names.subdomain(bare);
        findings.invalid(path, bare, wrong);
        if (!wrong.isEmpty()) {
            return;
        }
        String[] labels = bare.split("\\.", -1);
        if (labels.length < 2) {
            findings.invalid(path, bare, "should be a domain with at least two segments separated by dots");
        }
        for (String label : labels) {
            findings.invalid(path, label, Names.label(label));
        }
    }

    private void rest(Unstructured e, String path) {
        if (e.has("nodeName")) {
            findings.invalid(path + ".nodeName", e.string("nodeName"), Names.subdomain(e.string("nodeName")));
        }
        var topology = e.strings("deprecatedTopology");
        if (topology.size() > TOPOLOGY) {
            findings.tooMany(path + ".deprecatedTopology", topology.size(), TOPOLOGY);
        }
        new MetadataRules(findings).labels(topology, path + ".deprecatedTopology");
        if (e.has("hostname")) {
            findings.invalid(path + ".hostname", e.string("hostname"), Names.label(e.string("hostname")));
        }
        for (String kind : List.of("forZones", "forNodes")) {
            List<Unstructured> hints = e.objects("hints", kind);
            String at = path + ".hints." + kind;
            if (hints.size() > HINTS) {
                findings.tooMany(at, hints.size(), HINTS);
                continue;
            }
            Set<String> names = new HashSet<>();
            for (int i = 0; i < hints.size(); i++) {
                String name = hints.get(i).string("name");
                if (!names.add(name)) {
                    findings.duplicate(at + "[" + i + "].name", name);
                }
                List<String> wrong = kind.equals("forZones") ? Names.labelValue(name) : Names.subdomain(name);
                findings.invalid(at + "[" + i + "].name", name, wrong);
            }
        }
    }

    private void ports(Unstructured o) {
        List<Unstructured> ports = o.objects("ports");
        if (ports.size() > PORTS) {
            findings.tooMany("ports", ports.size(), PORTS);
            return;
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < ports.size(); i++) {
            Unstructured p = ports.get(i);
            String path = "ports[" + i + "]";
            String name = p.string("name");
            if (!name.isEmpty()) {
                findings.invalid(path + ".name", name, Names.label(name));
            }
            if (!names.add(name)) {
                findings.duplicate(path + ".name", name);
            }
            findings.oneOf(p, path, "protocol", "SCTP", "TCP", "UDP");
            application(p, path);
        }
    }

    private void application(Unstructured port, String path) {
        if (port.has("appProtocol")) {
            String protocol = port.string("appProtocol");
            findings.invalid(path + ".appProtocol", protocol, Names.qualified(protocol));
        }
    }

    // ---- endpoints of old

    private void subset(Unstructured s, String path) {
        if (s.objects("addresses").isEmpty() && s.objects("notReadyAddresses").isEmpty()) {
            findings.required(path, "must specify `addresses` or `notReadyAddresses`");
        }
        for (String list : List.of("addresses", "notReadyAddresses")) {
            List<Unstructured> addresses = s.objects(list);
            for (int i = 0; i < addresses.size(); i++) {
                target(addresses.get(i), path + "." + list + "[" + i + "]");
            }
        }
        List<Unstructured> ports = s.objects("ports");
        for (int i = 0; i < ports.size(); i++) {
            Unstructured p = ports.get(i);
            String at = path + ".ports[" + i + "]";
            String name = p.string("name");
            if (name.isEmpty() && ports.size() > 1) {
                findings.required(at + ".name", "");
            } else if (!name.isEmpty()) {
                findings.invalid(at + ".name", name, Names.label(name));
            }
            findings.invalid(at + ".port", p.integer(0, "port"), Names.portNumber(p.integer(0, "port")));
            findings.oneOf(p, at, "protocol", "SCTP", "TCP", "UDP");
            application(p, at);
        }
    }

    private void target(Unstructured address, String path) {
        String ip = address.string("ip");
        List<String> wrong = Addresses.any(ip);
        findings.invalid(path + ".ip", ip, wrong);
        if (!address.string("hostname").isEmpty()) {
            findings.invalid(path + ".hostname", address.string("hostname"), Names.label(address.string("hostname")));
        }
        if (address.has("nodeName")) {
            String node = address.string("nodeName");
            findings.invalid(path + ".nodeName", node, Names.subdomain(node));
        }
        if (wrong.isEmpty()) {
            findings.invalid(path + ".ip", ip, Addresses.endpoint(ip));
        }
    }
}
