package dev.coracle.network;

import java.util.List;

/**
 * What one cluster occupies of the host's network.
 *
 * @param clusterName names the nftables tables; DNS label
 * @param index 0 and up, distinct among the clusters of a host; is in interface names and addresses
 * @param nodeIps one address a node, within {@code 172.30.<index>.0/24}; the first is the control plane's and the source
 *     address of the host's own connections to Services
 * @param podCidr covers the pod CIDRs of all nodes: {@code 10.(244-index).0.0/16}
 * @param serviceCidr {@code 10.(96+index).0.0/16}
 * @param dnsIp the address within {@code serviceCidr} where the DNS server listens; made local, not proxied
 */
public record HostNetworkConfig(
        String clusterName, int index, List<String> nodeIps, String podCidr, String serviceCidr, String dnsIp) {
    public HostNetworkConfig {
        nodeIps = List.copyOf(nodeIps);
        if (nodeIps.isEmpty()) {
            throw new IllegalArgumentException("nodeIps: at least one is needed");
        }
    }

    /** The usual layout of cluster number {@code index} with so many nodes. */
    public static HostNetworkConfig of(String clusterName, int index, int nodes) {
        List<String> ips = java.util.stream.IntStream.range(0, nodes)
                .mapToObj(i -> "172.30." + index + "." + (2 + i))
                .toList();
        String service = "10." + (96 + index) + ".0.";
        return new HostNetworkConfig(
                clusterName, index, ips, "10." + (244 - index) + ".0.0/16", service + "0/16", service + "10");
    }

    /** What the node addresses and those of load balancers lie in. */
    String nodeCidr() {
        return "172.30." + index + ".0/24";
    }

    /** Everything that belongs to the cluster, whether it runs or not. */
    List<String> ranges() {
        return List.of(nodeCidr(), podCidr, serviceCidr);
    }

    String table() {
        return "coracle_" + clusterName;
    }

    /** What every interface of the cluster begins with; short, because the kernel allows 15 characters. */
    String interfacePrefix() {
        return "cor" + index;
    }
}
