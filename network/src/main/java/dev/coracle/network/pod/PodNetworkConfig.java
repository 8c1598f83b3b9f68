package dev.coracle.network.pod;

import java.nio.file.Path;

/**
 * @param clusterName as in {@link dev.coracle.network.HostNetworkConfig}
 * @param index the cluster's
 * @param node the node's number within the cluster, 0 and up
 * @param podCidr the node's share, a /24: {@code 10.244.0.0/24}; its .1 becomes the gateway
 * @param nodeIp where host ports listen
 * @param stateDir holds one file per address in use
 */
public record PodNetworkConfig(String clusterName, int index, int node, String podCidr, String nodeIp, Path stateDir) {
    public PodNetworkConfig {
        if (!podCidr.endsWith(".0/24")) {
            throw new IllegalArgumentException("podCidr: Invalid value: \"" + podCidr + "\": must be a /24");
        }
    }

    String bridge() {
        return "cor" + index + "-br" + node;
    }

    /** {@code 10.244.0.}: what the addresses of the node begin with. */
    String prefix() {
        return podCidr.substring(0, podCidr.length() - "0/24".length());
    }

    String gateway() {
        return prefix() + "1";
    }

    /** The host end of a sandbox's cable; 15 characters at most. */
    String cable(String sandboxId) {
        return "cor%dv%08x".formatted(index, (sandboxId + "@" + node).hashCode());
    }

    String hostPortTable() {
        return "coracle_" + clusterName + "/hostports";
    }
}
