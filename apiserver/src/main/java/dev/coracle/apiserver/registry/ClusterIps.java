package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.builtin.core.ServiceFields;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.Compare;
import dev.coracle.store.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * From which ranges cluster IPs come, and whose each is. An address is taken while there is an IPAddress of its name: the
 * one that a Service has is written and removed in the transaction that writes and removes the Service, so that of several
 * servers over one store one alone gets it, and nothing is left over when one is killed.
 */
final class ClusterIps {
    private final Registry registry;
    private final Environment environment;
    private final Lifecycle lifecycle;
    private final FieldOwnership ownership;

    ClusterIps(Registry registry, Environment environment) {
        this.registry = registry;
        this.environment = environment;
        this.lifecycle = new Lifecycle(environment);
        this.ownership = new FieldOwnership(registry.schemas(), environment.clock());
    }

    /** Those that a Service has. */
    static List<String> of(Unstructured service) {
        if (!ServiceFields.hasClusterIp(service)) {
            return List.of();
        }
        List<String> ips = service.stringList("spec", "clusterIPs");
        return (ips.isEmpty() ? List.of(service.string("spec", "clusterIP")) : ips)
                .stream().filter(ip -> !ip.isEmpty() && !ip.equals("None")).toList();
    }

    boolean isTaken(String ip) {
        return registry.find(Resources.IP_ADDRESSES, "", ip).isPresent();
    }

    boolean isServed(String ip) {
        return ranges(true).stream().anyMatch(r -> r.contains(ip));
    }

    /** Whether it is in a range at all, be that ready or not. */
    boolean isKnown(String ip) {
        return ranges(false).stream().anyMatch(r -> r.contains(ip));
    }

    /** Empty when all that there are are taken. */
    Optional<String> free(Predicate<String> taken) {
        return ranges(true).stream()
                .flatMap(r -> r.free(environment.entropy(), ip -> taken.test(ip) || isTaken(ip)).stream())
                .findFirst();
    }

    /** One of which nobody has said yet how it is counts as ready, as it does where no controllers run. */
    private List<ServiceRange> ranges(boolean ready) {
        return registry.list(Resources.SERVICE_CIDRS, "", r -> true, 0, "").items().stream()
                .map(Revision::object)
                .filter(o -> !ready
                        || !o.isDeleting()
                                && o.objects("status", "conditions").stream()
                                        .filter(c -> c.string("type").equals("Ready"))
                                        .allMatch(c -> c.string("status").equals("True")))
                .flatMap(o -> o.stringList("spec", "cidrs").stream())
                .flatMap(cidr -> ServiceRange.of(cidr).stream())
                .toList();
    }

    private ResourceDefinition definition() {
        return registry.known(Resources.IP_ADDRESSES);
    }

    String key(String ip) {
        return registry.key(definition(), "", ip);
    }

    Compare absent(String ip) {
        return Compare.absent(key(ip));
    }

    /** Says that an address is this Service's. */
    Op claim(Unstructured service, String ip) {
        ResourceDefinition d = definition();
        Unstructured o = Unstructured.of(d.kind().apiVersion(), d.kind().kind(), "", ip)
                .set("ipallocator.k8s.io", "metadata", "labels", "ipaddress.kubernetes.io/managed-by")
                .set(ip.contains(":") ? "IPv6" : "IPv4", "metadata", "labels", "ipaddress.kubernetes.io/ip-family")
                .set("services", "spec", "parentRef", "resource")
                .set(service.namespace(), "spec", "parentRef", "namespace")
                .set(service.name(), "spec", "parentRef", "name");
        lifecycle.create(d, o);
        ownership.created(d, o, WriteContext.SERVER);
        return Op.put(key(ip), registry.seal(d, key(ip), o));
    }

    /** Gives up what is this Service's; what somebody else says of the address, or holds by a finalizer, stays. */
    List<Op> release(Unstructured service, List<String> ips) {
        List<Op> ops = new ArrayList<>();
        for (String ip : ips) {
            Optional<Revision> known = registry.find(Resources.IP_ADDRESSES, "", ip);
            if (known.map(r -> isOf(service, r.object())).orElse(true)) {
                ops.add(Op.delete(key(ip)));
            }
        }
        return ops;
    }

    private static boolean isOf(Unstructured service, Unstructured address) {
        Unstructured parent = address.object("spec", "parentRef");
        return address.finalizers().isEmpty()
                && parent.string("group").isEmpty()
                && parent.string("resource").equals("services")
                && parent.string("namespace").equals(service.namespace())
                && parent.string("name").equals(service.name());
    }
}
