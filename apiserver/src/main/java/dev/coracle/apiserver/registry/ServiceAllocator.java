package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.builtin.core.ServiceFields;
import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Gives Services their cluster IPs (from a /16) and node ports (30000-32767). What is taken is read from the Services
 * themselves, under the registry's lock for Services, so nothing is given twice and nothing leaks.
 */
final class ServiceAllocator {
    private static final GroupVersionKind SERVICE = new GroupVersionKind("", "v1", "Service");

    private static final int ADDRESSES = 65_535;
    private static final int ADDRESSES_LAST = 256;
    private static final int FIRST_PORT = 30_000;
    private static final int PORTS = 2768;
    /** Random ones first, so that a number is not given to the next Service as soon as it is free. */
    private static final int TRIES = 50;

    private final String prefix;
    private final Entropy entropy;
    private final Supplier<List<Revision>> services;

    /** @param cidr a /16: {@code 10.96.0.0/16} */
    ServiceAllocator(String cidr, Entropy entropy, Supplier<List<Revision>> services) {
        if (!cidr.endsWith(".0.0/16")) {
            throw new IllegalArgumentException("the service CIDR must be a /16 such as 10.96.0.0/16, not " + cidr);
        }
        this.prefix = cidr.substring(0, cidr.length() - "0.0/16".length());
        this.entropy = entropy;
        this.services = services;
    }

    void allocate(Unstructured service) {
        Set<String> ips = new HashSet<>();
        Set<Long> ports = new HashSet<>();
        for (Revision r : services.get()) {
            if (!r.uid().equals(service.uid())) {
                ips.add(r.object().string("spec", "clusterIP"));
                r.object().objects("spec", "ports").forEach(p -> ports.add(p.integer(0, "nodePort")));
            }
        }
        if (ServiceFields.hasClusterIp(service)) {
            clusterIp(service, ips);
        }
        if (ServiceFields.hasNodePorts(service)) {
            nodePorts(service, ports);
        }
    }

    private void clusterIp(Unstructured service, Set<String> taken) {
        String ip = service.string("spec", "clusterIP");
        if (ip.isEmpty()) {
            ip = freeIp(taken);
            service.set(ip, "spec", "clusterIP");
        } else if (!ip.equals("None")) {
            String why = !ip.startsWith(prefix)
                    ? "failed to allocate IP " + ip + ": the provided IP (" + ip + ") is not in the valid range"
                    : taken.contains(ip) ? "failed to allocate IP " + ip + ": provided IP is already allocated" : "";
            refuse(service, "spec.clusterIPs", "[\"" + ip + "\"]", why);
        }
        service.set(List.of(ip), "spec", "clusterIPs");
    }

    /**
     * Any address that is free. The first 256 are given out last: they are left to those that are asked for by name, as
     * upstream's split range does (KEP-3070).
     */
    private String freeIp(Set<String> taken) {
        for (int i = 0; i < TRIES; i++) {
            String ip = address(ADDRESSES_LAST + entropy.nextInt(ADDRESSES - ADDRESSES_LAST));
            if (!taken.contains(ip)) {
                return ip;
            }
        }
        return IntStream.concat(IntStream.range(ADDRESSES_LAST, ADDRESSES), IntStream.range(1, ADDRESSES_LAST))
                .mapToObj(this::address)
                .filter(ip -> !taken.contains(ip))
                .findFirst()
                .orElseThrow(() -> StatusException.internal("failed to allocate a serviceIP: range is full"));
    }

    private String address(int n) {
        return prefix + n / 256 + "." + n % 256;
    }

    private long freePort(Set<Long> taken) {
        for (int i = 0; i < TRIES; i++) {
            long port = FIRST_PORT + entropy.nextInt(PORTS);
            if (!taken.contains(port)) {
                return port;
            }
        }
        return LongStream.range(FIRST_PORT, FIRST_PORT + PORTS)
                .filter(port -> !taken.contains(port))
                .findFirst()
                .orElseThrow(() -> StatusException.internal("failed to allocate a nodePort: range is full"));
    }

    /**
     * @param taken by other Services. Within one, two protocols may share a number, and do where they share the port
     *     it stands for, as DNS does over TCP and UDP
     */
    private void nodePorts(Unstructured service, Set<Long> taken) {
        List<Unstructured> ports = service.objects("spec", "ports");
        Map<Long, Long> byPort = new HashMap<>();
        for (int i = 0; i < ports.size(); i++) {
            long port = ports.get(i).integer(0, "nodePort");
            if (port != 0) {
                refuse(
                        service,
                        "spec.ports[" + i + "].nodePort",
                        "" + port,
                        port < FIRST_PORT || port >= FIRST_PORT + PORTS
                                ? "provided port is not in the valid range. The range of valid ports is 30000-32767"
                                : taken.contains(port) ? "provided port is already allocated" : "");
                byPort.putIfAbsent(ports.get(i).integer(0, "port"), port);
            }
        }
        Set<Long> used = new HashSet<>(taken);
        used.addAll(byPort.values());
        for (Unstructured p : ports) {
            if (p.integer(0, "nodePort") == 0) {
                long port = byPort.computeIfAbsent(p.integer(0, "port"), n -> freePort(used));
                used.add(port);
                p.set(port, "nodePort");
            }
        }
    }

    private static void refuse(Unstructured service, String field, String value, String why) {
        if (!why.isEmpty()) {
            throw StatusException.invalid(
                    SERVICE,
                    service.name(),
                    List.of(new Cause("FieldValueInvalid", "Invalid value: " + value + ": " + why, field)));
        }
    }
}
