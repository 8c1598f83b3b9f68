package dev.coracle.controllers.servicecidrs;

import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Optional;

/** What Services and IPAddresses say of one another. */
final class Account {
    private static final String MANAGED_BY = "ipaddress.kubernetes.io/managed-by";
    private static final String ALLOCATOR = "ipallocator.k8s.io";
    private static final String FAMILY = "ipaddress.kubernetes.io/ip-family";

    private Account() {}

    /** The addresses of a Service that has some. */
    static List<String> of(Unstructured service) {
        if (service.string("spec", "type").equals("ExternalName")) {
            return List.of();
        }
        return service.stringList("spec", "clusterIPs").stream()
                .filter(ip -> !ip.isEmpty() && !ip.equals("None"))
                .toList();
    }

    static String family(String ip) {
        return ip.contains(":") ? "IPv6" : "IPv4";
    }

    /** Whether the API server wrote it. */
    static boolean isAllocators(Unstructured address) {
        return ALLOCATOR.equals(address.labels().get(MANAGED_BY));
    }

    static boolean isLabelled(Unstructured address) {
        return isAllocators(address)
                && family(address.name()).equals(address.labels().get(FAMILY));
    }

    /** Whose it is, if a Service's. */
    static Optional<ObjectKey> service(Unstructured address) {
        Unstructured parent = address.object("spec", "parentRef");
        return Optional.of(new ObjectKey(parent.string("namespace"), parent.string("name")))
                .filter(k -> parent.string("group").isEmpty()
                        && parent.string("resource").equals("services"));
    }

    /** As Go prints it. */
    static String parent(Unstructured address) {
        Unstructured p = address.object("spec", "parentRef");
        return "&ParentReference{Group:" + p.string("group") + ",Resource:" + p.string("resource") + ",Namespace:"
                + p.string("namespace") + ",Name:" + p.string("name") + ",}";
    }

    static Unstructured address(String ip, ObjectKey service) {
        return Unstructured.of("networking.k8s.io/v1", "IPAddress", "", ip)
                .set(ALLOCATOR, "metadata", "labels", MANAGED_BY)
                .set(family(ip), "metadata", "labels", FAMILY)
                .set("services", "spec", "parentRef", "resource")
                .set(service.namespace(), "spec", "parentRef", "namespace")
                .set(service.name(), "spec", "parentRef", "name");
    }
}
