package dev.coracle.network.proxy;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.Ipv4;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the rules know of a node.
 *
 * @param zone {@code ""} where it has none
 * @param podCidr by which its pods are told: whoever sends from there is on it
 * @param ip where its node ports are
 */
record ProxiedNode(String name, String zone, String podCidr, String ip) {
    private static final Pattern CIDR = Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}/\\d{1,2}");

    /** Empty for a node that has no pods' range or no address yet. */
    static Optional<ProxiedNode> of(Unstructured node) {
        String ip = node.objects("status", "addresses").stream()
                .filter(a -> a.string("type").equals("InternalIP"))
                .map(a -> a.string("address"))
                .filter(a -> Ipv4.isAddress(a))
                .findFirst()
                .orElse("");
        String cidr = node.string("spec", "podCIDR");
        return ip.isEmpty() || !CIDR.matcher(cidr).matches()
                ? Optional.empty()
                : Optional.of(new ProxiedNode(
                        node.name(), node.labels().getOrDefault("topology.kubernetes.io/zone", ""), cidr, ip));
    }

    /** In names of chains, where nodes' own names might be too long. */
    String range() {
        return podCidr.substring(0, podCidr.indexOf('/'));
    }
}
