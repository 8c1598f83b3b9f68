package dev.coracle.network.dns;

import dev.coracle.machinery.log.LogFile;
import java.util.List;

/**
 * @param address where to listen, UDP and TCP: the cluster's DNS Service address, which
 *     {@link dev.coracle.network.HostNetwork} makes local
 * @param port 53; 0 takes a free one, for tests
 * @param clusterDomain {@code cluster.local}
 * @param reverseCidrs first octets of the ranges whose PTR records are ours, {@code 10.96.} and {@code 10.244.}
 * @param upstreams servers for all other names; empty: those of the host's {@code /etc/resolv.conf}
 * @param log where a line goes for each failure
 */
public record DnsConfig(
        String address,
        int port,
        String clusterDomain,
        List<String> reverseCidrs,
        List<String> upstreams,
        LogFile log) {
    public DnsConfig {
        reverseCidrs = List.copyOf(reverseCidrs);
        upstreams = List.copyOf(upstreams);
    }
}
