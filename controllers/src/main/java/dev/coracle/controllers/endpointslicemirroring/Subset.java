package dev.coracle.controllers.endpointslicemirroring;

import dev.coracle.machinery.object.Unstructured;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Some ports, and who serves them all: the ready before those that are not. */
record Subset(List<Unstructured> ports, List<Address> addresses) {
    /** @param address as the subset says it: {@code ip}, {@code hostname}, {@code nodeName}, {@code targetRef} */
    record Address(Unstructured address, boolean ready) {
        /** {@code IPv4} or {@code IPv6}; {@code ""} of what is no address. */
        String family() {
            InetAddress ip = parsed();
            return ip == null ? "" : ip instanceof Inet4Address ? "IPv4" : "IPv6";
        }

        Unstructured endpoint() {
            String hostname = address.string("hostname");
            String ip = parsed() instanceof Inet4Address four ? four.getHostAddress() : address.string("ip");
            return new Unstructured(new LinkedHashMap<>())
                    .set(List.of(ip), "addresses")
                    .set(ready, "conditions", "ready")
                    .set(hostname.isEmpty() ? null : hostname, "hostname")
                    .set(address.get("nodeName"), "nodeName")
                    .set(address.copy().get("targetRef"), "targetRef");
        }

        private @Nullable InetAddress parsed() {
            try {
                return InetAddress.ofLiteral(address.string("ip"));
            } catch (IllegalArgumentException e) {
                return null;
            }
        }
    }

    private record Host(String ip, String uid) {
        static Host of(Unstructured address) {
            return new Host(address.string("ip"), address.string("targetRef", "uid"));
        }
    }

    /**
     * The subsets in their plainest form, in which no two have the same addresses: {@code [{a, b} × {80}, {a, b} × {443}]}
     * is {@code [{a, b} × {80, 443}]}. Who is ready in one and not in another for the same port is not.
     */
    static List<Subset> repack(Unstructured endpoints) {
        Map<Host, Unstructured> hosts = new LinkedHashMap<>();
        Map<Unstructured, Map<Host, Boolean>> ports = new LinkedHashMap<>();
        Unstructured none = new Unstructured(new LinkedHashMap<>());
        for (Unstructured s : endpoints.objects("subsets")) {
            List<Unstructured> of = s.objects("ports");
            for (Unstructured port :
                    of.isEmpty() ? List.of(none) : of.stream().map(Subset::port).toList()) {
                Map<Host, Boolean> there = ports.computeIfAbsent(port, p -> new LinkedHashMap<>());
                for (boolean ready : new boolean[] {true, false}) {
                    for (Unstructured a : s.objects(ready ? "addresses" : "notReadyAddresses")) {
                        hosts.putIfAbsent(Host.of(a), a);
                        there.merge(Host.of(a), ready, Boolean::logicalAnd);
                    }
                }
            }
        }
        Map<Map<Host, Boolean>, List<Unstructured>> packed = new LinkedHashMap<>();
        ports.forEach((port, there) -> {
            List<Unstructured> list = packed.computeIfAbsent(there, t -> new ArrayList<>());
            if (!port.equals(none)) {
                list.add(port);
            }
        });
        List<Subset> subsets = new ArrayList<>();
        packed.forEach((there, list) -> {
            List<Address> addresses = new ArrayList<>();
            for (boolean ready : new boolean[] {true, false}) {
                there.forEach((host, isReady) -> {
                    if (isReady == ready) {
                        addresses.add(new Address(hosts.getOrDefault(host, none), ready));
                    }
                });
            }
            subsets.add(new Subset(list, addresses));
        });
        return subsets;
    }

    private static Unstructured port(Unstructured port) {
        return new Unstructured(new LinkedHashMap<>())
                .set(port.string("name"), "name")
                .set(port.integer(0, "port"), "port")
                .set(port.stringOr("TCP", "protocol"), "protocol")
                .set(port.get("appProtocol"), "appProtocol");
    }
}
