package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Addresses;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** Rules for the addresses that load balancers report: proxies and DNS act on them as they stand. */
public final class LoadBalancerRules {
    private final Findings findings;

    public LoadBalancerRules(Findings findings) {
        this.findings = findings;
    }

    public void check(Unstructured o, Unstructured old) {
        List<String> before = texts(old.objects("status", "loadBalancer", "ingress"));
        List<Unstructured> ingress = o.objects("status", "loadBalancer", "ingress");
        for (int i = 0; i < ingress.size(); i++) {
            String path = "status.loadBalancer.ingress[" + i + "]";
            String ip = ingress.get(i).string("ip");
            if (!ip.isEmpty() && !before.contains(ip)) {
                findings.invalid(path + ".ip", ip, Addresses.any(ip));
            }
            if (ip.isEmpty() && ingress.get(i).has("ipMode")) {
                findings.forbidden(path + ".ipMode", "may not be specified when `ip` is not set");
            } else {
                findings.oneOf(ingress.get(i), path, "ipMode", "Proxy", "VIP");
            }
            String hostname = ingress.get(i).string("hostname");
            if (!hostname.isEmpty()) {
                findings.invalid(path + ".hostname", hostname, Names.subdomain(hostname));
                if (Addresses.parse(hostname).isPresent()) {
                    findings.invalid(path + ".hostname", hostname, "must be a DNS name, not an IP address");
                }
            }
        }
    }

    private static List<String> texts(List<Unstructured> ips) {
        return ips.stream().map(a -> a.string("ip")).toList();
    }

    /** The addresses and names there are, each once. */
    public static List<String> addresses(Unstructured o) {
        return o.objects("status", "loadBalancer", "ingress").stream()
                .map(i -> i.stringOr(i.string("hostname"), "ip"))
                .filter(a -> !a.isEmpty())
                .distinct()
                .sorted()
                .toList();
    }
}
