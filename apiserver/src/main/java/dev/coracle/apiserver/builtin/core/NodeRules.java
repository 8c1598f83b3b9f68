package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Addresses;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules for Nodes, for the whole as for the status: a kubelet reports on both. */
final class NodeRules {
    private final Findings findings;

    NodeRules(Findings findings) {
        this.findings = findings;
    }

    void check(Unstructured o, @Nullable Unstructured old) {
        taints(o.objects("spec", "taints"));
        for (String kind : List.of("capacity", "allocatable")) {
            for (Map.Entry<String, String> e : o.strings("status", kind).entrySet()) {
                amount(e.getKey(), e.getValue(), "status." + kind + "." + e.getKey());
            }
        }
        Set<Unstructured> addresses = new HashSet<>();
        List<Unstructured> all = o.objects("status", "addresses");
        for (int i = 0; i < all.size(); i++) {
            if (!addresses.add(all.get(i))) {
                findings.duplicate("status.addresses[" + i + "]", all.get(i));
            }
        }
        List<String> ranges = o.stringList("spec", "podCIDRs");
        for (int i = 0; i < ranges.size(); i++) {
            range(ranges.get(i), "spec.podCIDRs[" + i + "]");
        }
        if (old != null) {
            update(o, old);
        }
    }

    /** Pods have addresses of the range by then, and clouds know the node by its provider's id. */
    private void update(Unstructured o, Unstructured old) {
        List<String> ranges = old.stringList("spec", "podCIDRs");
        if (!ranges.isEmpty() && !ranges.equals(o.stringList("spec", "podCIDRs"))) {
            findings.forbidden("spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid");
        }
        String provider = old.string("spec", "providerID");
        if (!provider.isEmpty() && !provider.equals(o.string("spec", "providerID"))) {
            findings.forbidden("spec.providerID", "node updates may not change providerID except from \"\" to valid");
        }
    }

    private void range(String range, String path) {
        int slash = range.indexOf('/');
        Optional<InetAddress> address = slash < 0 ? Optional.empty() : Addresses.parse(range.substring(0, slash));
        boolean fine = address.isPresent()
                && range.substring(slash + 1).matches("\\d{1,3}")
                && Integer.parseInt(range.substring(slash + 1)) <= address.get().getAddress().length * 8;
        if (!fine) {
            findings.invalid(path, range, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        }
    }

    private void taints(List<Unstructured> taints) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < taints.size(); i++) {
            Unstructured t = taints.get(i);
            String path = "metadata.taints[" + i + "]";
            findings.invalid(path + ".key", t.string("key"), Names.qualified(t.string("key")));
            List<String> value = Names.labelValue(t.string("value"));
            if (!value.isEmpty()) {
                findings.invalid(path + ".value", t.string("value"), String.join(";", value));
            }
            if (findings.needed(t, path, "effect")) {
                findings.oneOf(t, path, "effect", "NoSchedule", "PreferNoSchedule", "NoExecute");
            }
            if (!seen.add(t.string("key") + ":" + t.string("effect"))) {
                findings.duplicate(path, t, "taints must be unique by key and effect pair");
            }
        }
    }

    private void amount(String resource, String amount, String path) {
        new ResourceRules(findings).notNegative(amount, path);
        // Pods, and the devices that plugins offer: there is no half of one.
        boolean whole = resource.equals("pods") || resource.contains("/") && !resource.contains("kubernetes.io/");
        if (whole && Quantity.parse(amount).milli() % 1000 != 0) {
            findings.invalid(path, amount, "must be an integer");
        }
    }
}
