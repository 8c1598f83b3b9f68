package dev.coracle.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The ground a cluster stands on in the host's network: node addresses on {@code lo}, the Service range as local route,
 * forwarding, and an nftables table with masquerading. Both directions are idempotent, and {@link #down} finds
 * everything by name, so that it cleans up after a process that was killed.
 *
 * <p>Why a <em>local</em> route for the Service range: the host can then reach Service addresses without any default
 * route, the DNS server can bind its address, and a packet that no Service claimed ends in the input chain, where it is
 * refused at once instead of leaving for the internet.
 *
 * <p>Beneath all this lies an <em>unreachable</em> route for each of the cluster's ranges. Whatever has a more specific
 * route, such as a node's bridge, is not affected; what has none, such as a pod's address that nobody has or any address
 * of a cluster that is down, does not follow the default route to a stranger. These routes stay until {@link #forget}.
 */
public final class HostNetwork {
    /** So bad that any route that somebody else has for the very same range comes first. */
    private static final int LAST_RESORT = 1_000_000;

    private static final String FORWARDING = "net/ipv4/ip_forward";
    private static final String BRIDGES = "net/bridge/bridge-nf-call-iptables";

    private final HostNetworkConfig config;
    private final HostSettings settings = new HostSettings();
    private final ForwardPolicy policy;

    public HostNetwork(HostNetworkConfig config) {
        this.config = config;
        this.policy = new ForwardPolicy(config.table(), config.podCidr());
    }

    /**
     * Sets everything up.
     *
     * @throws IllegalStateException with the failing tool's words, mostly for want of privileges
     */
    public void up() {
        settings.need(config.index(), FORWARDING, "1", "");
        // Replies between pods on one bridge must pass connection tracking, or their Service address is not put back.
        boolean loaded = settings.exists(BRIDGES);
        if (!loaded) {
            HostCommand.run("modprobe", "br_netfilter");
        }
        if (settings.exists(BRIDGES)) {
            // Without the module nothing was called, which is what 0 means.
            settings.need(config.index(), BRIDGES, "1", loaded ? "" : "0");
        }
        StringBuilder ip = new StringBuilder();
        for (String range : config.ranges()) {
            ip.append("route replace ").append(unreachable(range)).append('\n');
        }
        for (String nodeIp : config.nodeIps()) {
            ip.append("addr replace ").append(nodeIp).append("/32 dev lo\n");
        }
        ip.append("route replace local ")
                .append(config.serviceCidr())
                .append(" dev lo src ")
                .append(config.nodeIps().getFirst())
                .append('\n');
        HostCommand.must(ip.toString(), "ip", "-batch", "-");
        HostCommand.nft(table());
        permitForwarding();
    }

    /** Again and again while the cluster runs: Docker or a firewall may be started, or reloaded, at any time. */
    public void permitForwarding() {
        policy.permit();
    }

    private String table() {
        String name = "table ip " + config.table();
        String bridges = '"' + config.interfacePrefix() + "-*\"";
        return """
                %1$s
                delete %1$s
                %1$s {
                  chain raw {
                    type filter hook prerouting priority -300; policy accept;
                    iifname %2$s ip daddr 127.0.0.0/8 drop
                  }
                  chain masquerading {
                    type nat hook postrouting priority 100; policy accept;
                    ip saddr 127.0.0.0/8 oifname %2$s masquerade
                    ip saddr %3$s ip daddr != %3$s masquerade
                  }
                  chain unclaimed {
                    type filter hook input priority 0; policy accept;
                    ip daddr %4$s ip daddr != %5$s meta l4proto tcp reject with tcp reset
                    ip daddr %4$s ip daddr != %5$s reject
                  }
                }
                """.formatted(name, bridges, config.podCidr(), config.serviceCidr(), config.dnsIp());
    }

    private static String unreachable(String range) {
        return "unreachable " + range + " metric " + LAST_RESORT;
    }

    /**
     * Removes everything that carries the cluster's name or index, links, addresses, routes, tables, rules, but not what
     * keeps its ranges on the machine, and restores the settings that no other cluster needs.
     */
    public void down() {
        StringBuilder ip = new StringBuilder();
        for (String link : links()) {
            ip.append("link del ").append(link).append('\n');
        }
        ip.append("route del local ").append(config.serviceCidr()).append(" dev lo\n");
        for (String address : addresses()) {
            ip.append("addr del ").append(address).append(" dev lo\n");
        }
        HostCommand.run(ip.toString(), List.of("ip", "-force", "-batch", "-"));
        for (String suffix : List.of("", "/services", "/hostports", "/policies")) {
            String table = "table ip " + config.table() + suffix;
            HostCommand.run(table + "\ndelete " + table + "\n", List.of("nft", "-f", "-"));
        }
        policy.revoke();
        settings.release(config.index());
    }

    /** Gives the ranges of a cluster that is deleted back; to be called after {@link #down}. Never throws. */
    public void forget() {
        StringBuilder ip = new StringBuilder();
        for (String range : config.ranges()) {
            ip.append("route del ").append(unreachable(range)).append('\n');
        }
        HostCommand.run(ip.toString(), List.of("ip", "-force", "-batch", "-"));
    }

    /** The cluster's bridges and the host ends of its pods' cables. */
    private List<String> links() {
        try (Stream<Path> all = Files.list(Path.of("/sys/class/net"))) {
            return all.map(p -> p.getFileName().toString())
                    .filter(n -> n.startsWith(config.interfacePrefix() + "-")
                            || n.startsWith(config.interfacePrefix() + "v"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> addresses() {
        String mine = config.nodeCidr().replace("0/24", "");
        List<String> found = new ArrayList<>();
        for (String line : HostCommand.run("ip", "-o", "-4", "addr", "show", "dev", "lo")
                .output()
                .split("\n")) {
            for (String word : line.split(" ")) {
                if (word.startsWith(mine) || config.nodeIps().contains(word.replace("/32", ""))) {
                    found.add(word);
                }
            }
        }
        return found;
    }
}
