package dev.coracle.cluster;

import dev.coracle.controllers.nodeipam.ClusterRange;

/**
 * Which addresses a cluster uses. Clusters of one machine differ by their index, so that they never overlap; the first,
 * index 0, has the addresses that kubeadm's documentation shows.
 */
public record ClusterNetwork(int index) {
    /** How many clusters fit beside each other. */
    public static final int MAX_CLUSTERS = 30;

    public String nodeIp(int node) {
        return "172.30." + index + "." + (2 + node);
    }

    public String podCidr(int node) {
        return "10." + (244 - index) + "." + node + ".0/24";
    }

    public String clusterCidr() {
        return "10." + (244 - index) + ".0.0/16";
    }

    /** How the pods' addresses are cut into ranges of nodes. */
    ClusterRange nodeRange() {
        return new ClusterRange(clusterCidr(), 24);
    }

    public String serviceCidr() {
        return "10." + (96 + index) + ".0.0/16";
    }

    /** The {@code kubernetes} Service. */
    public String apiServiceIp() {
        return "10." + (96 + index) + ".0.1";
    }

    public String dnsServiceIp() {
        return "10." + (96 + index) + ".0.10";
    }
}
