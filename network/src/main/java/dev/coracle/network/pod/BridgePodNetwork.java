package dev.coracle.network.pod;

import dev.coracle.network.HostCommand;
import dev.coracle.runtime.PodNetwork;
import dev.coracle.runtime.RuntimeService.PortMapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Connects the sandboxes of one node to its bridge. Addresses survive restarts of the process, and so do the cables:
 * {@link #close} leaves both, since containers may live on; {@link dev.coracle.network.HostNetwork#down} removes what
 * is in the kernel.
 *
 * <p>Sandboxes are connected in parallel; only the book of addresses is under a lock. Calls about one sandbox must come
 * one at a time.
 *
 * <p>A pod's hardware address is made from its IP ({@code 0a:58:…}), so that no neighbour's ARP entry is ever wrong
 * when an address is given to another pod.
 */
public final class BridgePodNetwork implements PodNetwork, AutoCloseable {
    private final PodNetworkConfig config;
    private final Addresses addresses;

    public BridgePodNetwork(PodNetworkConfig config) {
        this.config = config;
        this.addresses = new Addresses(config.stateDir(), config.prefix());
    }

    /** Makes the bridge and reads which addresses are taken; those of pods that are gone become free. Idempotent. */
    public void start() {
        synchronized (addresses) {
            addresses.load();
            // Without its cable a sandbox is dead: the machine was restarted, or its namespace went while we were away.
            addresses.all().stream()
                    .filter(a -> !exists(config.cable(a.sandboxId())))
                    .forEach(a -> {
                        closeHostPorts(a);
                        addresses.free(a);
                    });
        }
        if (!exists(config.bridge())) {
            HostCommand.must(
                    """
                    link add %1$s address %2$s type bridge
                    addr add %3$s/24 dev %1$s
                    link set %1$s up
                    """.formatted(config.bridge(), hardware(config.gateway()), config.gateway()), "ip", "-batch", "-");
        }
        try {
            // Lets a connection to 127.0.0.1:<nodePort> leave for a pod; HostNetwork masquerades it and guards the way
            // in.
            Files.writeString(Path.of("/proc/sys/net/ipv4/conf", config.bridge(), "route_localnet"), "1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        HostCommand.nft("""
                table ip %1$s {
                  map ports {
                    type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
                  }
                  chain prerouting {
                    type nat hook prerouting priority -100; policy accept;
                  }
                  chain output {
                    type nat hook output priority -100; policy accept;
                  }
                }
                flush chain ip %1$s prerouting
                flush chain ip %1$s output
                add rule ip %1$s prerouting meta l4proto { tcp, udp, sctp } dnat to ip daddr . meta l4proto . th dport map @ports
                add rule ip %1$s output meta l4proto { tcp, udp, sctp } dnat to ip daddr . meta l4proto . th dport map @ports
                """.formatted(config.hostPortTable()));
    }

    @Override
    public List<String> attach(String sandboxId, String namespacePath, List<PortMapping> portMappings) {
        Addresses.Allocation allocation;
        synchronized (addresses) {
            var known = addresses.of(sandboxId);
            if (known.isPresent() && exists(config.cable(sandboxId))) {
                return List.of(known.get().ip());
            }
            allocation = known.orElseGet(() -> addresses.allocate(sandboxId, hostPorts(portMappings)));
        }
        try {
            connect(allocation.ip(), config.cable(sandboxId), namespacePath);
            openHostPorts(allocation, portMappings);
        } catch (RuntimeException e) {
            detach(sandboxId);
            throw e;
        }
        return List.of(allocation.ip());
    }

    private void connect(String ip, String cable, String namespace) {
        HostCommand.must("""
                link add %1$s type veth peer name eth0 address %2$s netns %3$s
                link set %1$s master %4$s up
                link set %1$s type bridge_slave hairpin on
                """.formatted(cable, hardware(ip), namespace, config.bridge()), "ip", "-batch", "-");
        HostCommand.must("""
                link set lo up
                addr add %1$s/24 dev eth0
                link set eth0 up
                route add default via %2$s dev eth0
                """.formatted(ip, config.gateway()), "nsenter", "--net=" + namespace, "ip", "-batch", "-");
    }

    private List<String> hostPorts(List<PortMapping> mappings) {
        List<String> elements = new ArrayList<>();
        for (PortMapping m : mappings) {
            if (m.hostPort() > 0) {
                if (!m.hostIp().matches("[0-9.]*") || !m.protocol().matches("(?i)tcp|udp|sctp")) {
                    // Only these may become part of a script.
                    throw new IllegalStateException(
                            "host port " + m.hostIp() + ":" + m.hostPort() + "/" + m.protocol() + " cannot be opened");
                }
                boolean anywhere = m.hostIp().isEmpty() || m.hostIp().equals("0.0.0.0");
                elements.add((anywhere ? config.nodeIp() : m.hostIp()) + " . "
                        + m.protocol().toLowerCase(Locale.ROOT) + " . " + m.hostPort());
            }
        }
        return elements;
    }

    private void openHostPorts(Addresses.Allocation allocation, List<PortMapping> mappings) {
        StringBuilder script = new StringBuilder();
        int i = 0;
        for (PortMapping m : mappings) {
            if (m.hostPort() > 0) {
                script.append("add element ip %s ports { %s : %s . %d }\n"
                        .formatted(
                                config.hostPortTable(),
                                allocation.hostPorts().get(i++),
                                allocation.ip(),
                                m.containerPort()));
            }
        }
        if (!script.isEmpty()) {
            HostCommand.nft(script.toString());
        }
    }

    private void closeHostPorts(Addresses.Allocation allocation) {
        for (String element : allocation.hostPorts()) {
            // Only where it leads here: a port that was never opened for this sandbox may be another's.
            String what = " element ip " + config.hostPortTable() + " ports { " + element + " }";
            HostCommand.Result now = HostCommand.run("nft", "get" + what);
            if (now.ok() && now.output().contains(": " + allocation.ip() + " . ")) {
                HostCommand.run("nft", "delete" + what);
            }
        }
    }

    @Override
    public void detach(String sandboxId) {
        if (exists(config.cable(sandboxId))) {
            // It may go by itself at any moment, together with the namespace that holds its other end.
            HostCommand.run("ip", "link", "del", config.cable(sandboxId));
        }
        Optional<Addresses.Allocation> known;
        synchronized (addresses) {
            known = addresses.of(sandboxId);
        }
        if (known.isPresent()) {
            closeHostPorts(known.get());
            // Last, so that nobody is given an address that still leads somewhere.
            synchronized (addresses) {
                addresses.free(known.get());
            }
        }
    }

    /** Holds nothing of the process; bridge, cables and addresses stay for the containers that live on. */
    @Override
    public void close() {}

    private static boolean exists(String link) {
        return Files.exists(Path.of("/sys/class/net", link));
    }

    private static String hardware(String ip) {
        StringBuilder mac = new StringBuilder("0a:58");
        for (String part : ip.split("\\.")) {
            mac.append(':').append("%02x".formatted(Integer.parseInt(part)));
        }
        return mac.toString();
    }
}
