package dev.coracle.apiserver.builtin.networking;

import dev.coracle.apiserver.definition.AddressRange;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.LabelSelectorRules;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Optional;

/** Rules of NetworkPolicies. */
final class NetworkPolicyRules {
    private final Findings findings;

    NetworkPolicyRules(Findings findings) {
        this.findings = findings;
    }

    void spec(Unstructured spec) {
        LabelSelectorRules.check(findings, spec.object("podSelector"), "spec.podSelector");
        rules(spec.objects("ingress"), "from", "spec.ingress");
        rules(spec.objects("egress"), "to", "spec.egress");
        List<String> types = spec.stringList("policyTypes");
        if (types.size() > 2) {
            findings.invalid("spec.policyTypes", types, "may not specify more than two policyTypes");
            return;
        }
        for (int i = 0; i < types.size(); i++) {
            if (!List.of("Ingress", "Egress").contains(types.get(i))) {
                findings.notSupported("spec.policyTypes[" + i + "]", types.get(i), "Ingress", "Egress");
            }
        }
    }

    private void rules(List<Unstructured> rules, String peers, String path) {
        for (int i = 0; i < rules.size(); i++) {
            String at = path + "[" + i + "]";
            List<Unstructured> ports = rules.get(i).objects("ports");
            for (int j = 0; j < ports.size(); j++) {
                port(ports.get(j), at + ".ports[" + j + "]");
            }
            List<Unstructured> all = rules.get(i).objects(peers);
            for (int j = 0; j < all.size(); j++) {
                peer(all.get(j), at + "." + peers + "[" + j + "]");
            }
        }
    }

    private void port(Unstructured p, String path) {
        if (p.has("protocol") && !List.of("TCP", "UDP", "SCTP").contains(p.string("protocol"))) {
            findings.notSupported(path + ".protocol", p.string("protocol"), "TCP", "UDP", "SCTP");
        }
        if (!p.has("port")) {
            if (p.has("endPort")) {
                findings.invalid(
                        path + ".endPort", p.get("endPort"), "may not be specified when `port` is not specified");
            }
        } else if (p.get("port") instanceof String name) {
            if (p.has("endPort")) {
                findings.invalid(
                        path + ".endPort", p.get("endPort"), "may not be specified when `port` is non-numeric");
            }
            findings.invalid(path + ".port", name, Names.portName(name));
        } else {
            long port = p.integer(0, "port");
            findings.invalid(path + ".port", port, Names.portNumber(port));
            if (p.has("endPort")) {
                long end = p.integer(0, "endPort");
                if (end < port) {
                    // Upstream shows the port here.
                    findings.invalid(path + ".endPort", port, "must be greater than or equal to `port`");
                }
                findings.invalid(path + ".endPort", end, Names.portNumber(end));
            }
        }
    }

    private void peer(Unstructured peer, String path) {
        int kinds = 0;
        for (String selector : List.of("podSelector", "namespaceSelector")) {
            if (peer.has(selector)) {
                kinds++;
                LabelSelectorRules.check(findings, peer.object(selector), path + "." + selector);
            }
        }
        if (peer.has("ipBlock")) {
            kinds++;
            block(peer.object("ipBlock"), path + ".ipBlock");
        }
        if (kinds == 0) {
            findings.required(path, "must specify a peer");
        } else if (kinds > 1 && peer.has("ipBlock")) {
            findings.forbidden(path, "may not specify both ipBlock and another peer");
        }
    }

    private void block(Unstructured block, String path) {
        if (!findings.needed(block, path, "cidr")) {
            return;
        }
        String cidr = block.string("cidr");
        findings.invalid(path + ".cidr", cidr, AddressRange.lenient(cidr));
        Optional<AddressRange> range = AddressRange.parse(cidr);
        if (range.isEmpty()) {
            return;
        }
        List<String> excepted = block.stringList("except");
        for (int i = 0; i < excepted.size(); i++) {
            String at = path + ".except[" + i + "]";
            findings.invalid(at, excepted.get(i), AddressRange.lenient(excepted.get(i)));
            Optional<AddressRange> part = AddressRange.parse(excepted.get(i));
            if (part.isPresent()
                    && (!range.get().contains(part.get().address())
                            || range.get().bits() >= part.get().bits())) {
                findings.invalid(at, excepted.get(i), "must be a strict subset of `cidr`");
            }
        }
    }
}
