package dev.coracle.kubelet.container;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.os.Namespaces;
import dev.coracle.machinery.os.Sysctl;
import java.util.Optional;
import java.util.Set;

/**
 * Which kernel settings a pod may ask for: upstream's safe ones, which are the pod's own and reach no other pod of the
 * node. Its option to allow more is not offered.
 */
public final class Sysctls {
    /** Why a pod with another one is failed. */
    public static final String FORBIDDEN = "SysctlForbidden";

    private static final Set<String> SAFE = Set.of(
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.tcp_syncookies",
            "net.ipv4.ping_group_range",
            "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes",
            "net.ipv4.tcp_rmem",
            "net.ipv4.tcp_wmem");

    private Sysctls() {}

    /** Why the pod is not admitted; empty: it is. */
    public static Optional<String> refusal(Unstructured pod) {
        for (Unstructured s : pod.objects("spec", "securityContext", "sysctls")) {
            String name = Sysctl.dotted(s.string("name"));
            String quoted = "forbidden sysctl: \"" + name + "\" ";
            if (!SAFE.contains(name)) {
                return Optional.of(quoted + "not allowlisted");
            }
            boolean net = Sysctl.namespace(name).equals(Optional.of(Namespaces.Kind.NET));
            if (pod.bool("spec", net ? "hostNetwork" : "hostIPC")) {
                return Optional.of(quoted + "not allowed with host " + (net ? "net" : "ipc") + " enabled");
            }
        }
        return Optional.empty();
    }
}
