package dev.coracle.apiserver.registry;

import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Gives Services their cluster IPs (from a /16) and node ports (30000-32767). What is taken is read from the Services
 * themselves, under the registry's lock for Services, so nothing is given twice and nothing leaks.
 */
final class ServiceAllocator {
    private static final GroupVersionKind SERVICE = new GroupVersionKind("", "v1", "Service");

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
        String type = service.string("spec", "type");
        if (!type.equals("ExternalName")) {
            clusterIp(service, ips);
        }
        if (type.equals("NodePort") || type.equals("LoadBalancer")) {
            nodePorts(service, ports);
        }
    }

    private void clusterIp(Unstructured service, Set<String> taken) {
        String ip = service.string("spec", "clusterIP");
        if (ip.isEmpty()) {
            // The first 256 addresses are left to those that are asked for by name, as upstream's split range does.
            do {
                ip = prefix + (1 + entropy.nextInt(254)) + "." + (1 + entropy.nextInt(254));
            } while (taken.contains(ip));
            service.set(ip, "spec", "clusterIP");
        } else if (!ip.equals("None")) {
            String why = !ip.startsWith(prefix)
                    ? "failed to allocate IP " + ip + ": the provided IP (" + ip + ") is not in the valid range"
                    : taken.contains(ip) ? "failed to allocate IP " + ip + ": provided IP is already allocated" : "";
            refuse(service, "spec.clusterIPs", "[\"" + ip + "\"]", why);
        }
        service.set(List.of(ip), "spec", "clusterIPs");
    }

    private void nodePorts(Unstructured service, Set<Long> taken) {
        List<Unstructured> ports = service.objects("spec", "ports");
        for (int i = 0; i < ports.size(); i++) {
            Unstructured p = ports.get(i);
            long port = p.integer(0, "nodePort");
            String field = "spec.ports[" + i + "].nodePort";
            if (port != 0) {
                refuse(
                        service,
                        field,
                        "" + port,
                        port < 30000 || port > 32767
                                ? "provided port is not in the valid range. The range of valid ports is 30000-32767"
                                : taken.contains(port) ? "provided port is already allocated" : "");
            } else {
                do {
                    port = 30000 + entropy.nextInt(2768);
                } while (taken.contains(port));
                p.set(port, "nodePort");
            }
            taken.add(port);
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
