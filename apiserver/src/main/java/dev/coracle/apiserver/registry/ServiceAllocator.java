package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.builtin.core.ServiceFields;
import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.Compare;
import dev.coracle.store.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Gives Services their cluster IPs and node ports (30000-32767). Node ports that are taken are read from the Services
 * themselves, under the registry's lock for Services, so nothing is given twice and nothing leaks; of addresses {@link
 * ClusterIps} keeps account, and a Service of before there was one counts as well.
 */
final class ServiceAllocator {
    private static final GroupVersionKind SERVICE = new GroupVersionKind("", "v1", "Service");

    private static final int FIRST_PORT = 30_000;
    private static final int PORTS = 2768;
    /** Random ones first, so that a number is not given to the next Service as soon as it is free. */
    private static final int TRIES = 50;

    private final ClusterIps addresses;
    private final Entropy entropy;
    private final Supplier<List<Revision>> services;

    ServiceAllocator(ClusterIps addresses, Entropy entropy, Supplier<List<Revision>> services) {
        this.addresses = addresses;
        this.entropy = entropy;
        this.services = services;
    }

    /** @param old what it takes the place of; null for a new one */
    Allocation allocate(Unstructured service, @Nullable Unstructured old) {
        Set<String> ips = new HashSet<>();
        Set<Long> ports = new HashSet<>();
        for (Revision r : services.get()) {
            if (!r.uid().equals(service.uid())) {
                ips.add(r.object().string("spec", "clusterIP"));
                r.object().objects("spec", "ports").forEach(p -> ports.add(p.integer(0, "nodePort")));
            }
        }
        Claim claim = new Claim(service, old, ips);
        if (ServiceFields.hasNodePorts(service)) {
            nodePorts(service, ports);
        }
        return claim;
    }

    /** What a Service gives back when it is removed. */
    List<Op> release(Unstructured service) {
        return addresses.release(service, ClusterIps.of(service));
    }

    /** The addresses of one Service, on their way into the store. */
    private final class Claim implements Allocation {
        private final Unstructured service;
        private final List<String> before;
        private final Set<String> taken;
        private final boolean any;

        Claim(Unstructured service, @Nullable Unstructured old, Set<String> taken) {
            this.service = service;
            this.before = old == null ? List.of() : ClusterIps.of(old);
            this.taken = taken;
            this.any = service.string("spec", "clusterIP").isEmpty();
            if (ServiceFields.hasClusterIp(service)) {
                clusterIp();
            }
        }

        private void clusterIp() {
            String ip = service.string("spec", "clusterIP");
            if (any) {
                ip = addresses
                        .free(taken::contains)
                        .orElseThrow(() -> StatusException.internal("failed to allocate a serviceIP: range is full"));
                service.set(ip, "spec", "clusterIP");
            } else if (!ip.equals("None") && !before.contains(ip)) {
                String why = !addresses.isServed(ip)
                        ? "the provided network does not match the current range"
                        : taken.contains(ip) || addresses.isTaken(ip) ? "provided IP is already allocated" : "";
                refuse(
                        service,
                        "spec.clusterIPs",
                        "[\"" + ip + "\"]",
                        why.isEmpty() ? "" : "failed to allocate IP " + ip + ": " + why);
            }
            service.set(List.of(ip), "spec", "clusterIPs");
        }

        private List<String> fresh() {
            return ClusterIps.of(service).stream()
                    .filter(ip -> !before.contains(ip))
                    .toList();
        }

        @Override
        public List<Compare> compares() {
            return fresh().stream().map(addresses::absent).toList();
        }

        @Override
        public List<Op> ops() {
            List<String> kept = ClusterIps.of(service);
            List<Op> ops = new ArrayList<>(addresses.release(
                    service, before.stream().filter(ip -> !kept.contains(ip)).toList()));
            fresh().forEach(ip -> ops.add(addresses.claim(service, ip)));
            return ops;
        }

        @Override
        public void again(Set<String> lost) {
            fresh().stream().filter(ip -> lost.contains(addresses.key(ip))).forEach(taken::add);
            clusterIp();
        }
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
