package dev.coracle.network.policy;

import java.util.List;

/**
 * @param clusterName as in {@link dev.coracle.network.HostNetworkConfig}
 * @param nodes whose pods always reach them
 * @param dnsIp where the cluster's DNS is: to selectors the pod that it is elsewhere, {@code k8s-app: kube-dns} in kube-system
 */
public record PolicyConfig(String clusterName, List<Node> nodes, String dnsIp) {
    /**
     * @param podCidr a /24: {@code 10.244.1.0/24}; its bridge has the first address
     * @param addresses its own
     */
    public record Node(String podCidr, List<String> addresses) {
        public Node {
            addresses = List.copyOf(addresses);
        }
    }

    public PolicyConfig {
        nodes = List.copyOf(nodes);
    }

    String table() {
        return "coracle_" + clusterName + "/policies";
    }
}
