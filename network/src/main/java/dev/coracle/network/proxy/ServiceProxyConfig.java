package dev.coracle.network.proxy;

import java.util.List;

/**
 * @param clusterName as in {@link dev.coracle.network.HostNetworkConfig}
 * @param index the cluster's; LoadBalancer Services get {@code 172.30.<index>.200} to {@code .250}
 * @param nodeIps where node ports are served, besides the host's own addresses
 * @param serviceCidr the range of cluster IPs, where node ports are not served
 * @param reservedIps cluster IPs served by somebody on the host itself (DNS), which must not be proxied
 */
public record ServiceProxyConfig(
        String clusterName, int index, List<String> nodeIps, String serviceCidr, List<String> reservedIps) {
    static final int FIRST_LOAD_BALANCER = 200;
    static final int LAST_LOAD_BALANCER = 250;

    public ServiceProxyConfig {
        nodeIps = List.copyOf(nodeIps);
        reservedIps = List.copyOf(reservedIps);
    }

    String table() {
        return "coracle_" + clusterName + "/services";
    }

    String loadBalancerPrefix() {
        return "172.30." + index + ".";
    }
}
