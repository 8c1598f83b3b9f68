package dev.coracle.apiserver.admission.podsecurity;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** What of its node a pod reaches: namespaces, files, ports, kernel parameters. */
final class HostAccess {
    /** Kernel parameters that belong to the pod alone, by the minor version since which they are taken for safe. */
    private static final TreeMap<Integer, Set<String>> SAFE_SYSCTLS = new TreeMap<>(java.util.Map.of(
            0,
            Set.of(
                    "kernel.shm_rmid_forced",
                    "net.ipv4.ip_local_port_range",
                    "net.ipv4.ip_unprivileged_port_start",
                    "net.ipv4.ping_group_range",
                    "net.ipv4.tcp_syncookies"),
            27,
            Set.of("net.ipv4.ip_local_reserved_ports"),
            29,
            Set.of(
                    "net.ipv4.tcp_fin_timeout",
                    "net.ipv4.tcp_keepalive_intvl",
                    "net.ipv4.tcp_keepalive_probes",
                    "net.ipv4.tcp_keepalive_time"),
            32,
            Set.of("net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem")));

    private static final List<String> HARMLESS_VOLUMES = List.of(
            "configMap",
            "csi",
            "downwardAPI",
            "emptyDir",
            "ephemeral",
            "image",
            "persistentVolumeClaim",
            "projected",
            "secret");

    /** The others; a volume that is of none of both says nothing and so is an unknown one. */
    private static final List<String> RESTRICTED_VOLUMES = List.of(
            "hostPath",
            "gcePersistentDisk",
            "awsElasticBlockStore",
            "gitRepo",
            "nfs",
            "iscsi",
            "glusterfs",
            "rbd",
            "flexVolume",
            "cinder",
            "cephfs",
            "flocker",
            "fc",
            "azureFile",
            "vsphereVolume",
            "quobyte",
            "azureDisk",
            "portworxVolume",
            "photonPersistentDisk",
            "scaleIO",
            "storageos");

    private HostAccess() {}

    static Optional<Violation> namespaces(Subject pod) {
        List<String> shared = List.of("hostNetwork", "hostPID", "hostIPC").stream()
                .filter(n -> pod.spec().bool(n))
                .map(n -> n + "=true")
                .toList();
        return shared.isEmpty()
                ? Optional.empty()
                : Optional.of(new Violation("host namespaces", String.join(", ", shared)));
    }

    static Optional<Violation> paths(Subject pod) {
        List<String> names = pod.spec().objects("volumes").stream()
                .filter(v -> v.has("hostPath"))
                .map(v -> v.string("name"))
                .toList();
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(new Violation(
                        "hostPath volumes", Violation.plural("volume", names) + " " + Violation.quoted(names)));
    }

    static Optional<Violation> volumes(Subject pod) {
        List<Unstructured> bad = pod.spec().objects("volumes").stream()
                .filter(v -> HARMLESS_VOLUMES.stream().noneMatch(v::has))
                .toList();
        if (bad.isEmpty()) {
            return Optional.empty();
        }
        List<String> names = bad.stream().map(v -> v.string("name")).toList();
        var types = new TreeSet<String>();
        for (Unstructured v : bad) {
            types.add(RESTRICTED_VOLUMES.stream().filter(v::has).findFirst().orElse("unknown"));
        }
        return Optional.of(new Violation(
                "restricted volume types",
                Violation.plural("volume", names) + " " + Violation.quoted(names) + uses(names)
                        + Violation.plural("restricted volume type", types) + " " + Violation.quoted(types)));
    }

    private static String uses(List<String> who) {
        return who.size() == 1 ? " uses " : " use ";
    }

    static Optional<Violation> ports(Subject pod) {
        return using(pod, "hostPort", "hostPort", HostAccess::hostPorts, false);
    }

    private static List<String> hostPorts(Unstructured container) {
        return container.objects("ports").stream()
                .map(p -> p.integer(0, "hostPort"))
                .filter(p -> p != 0)
                .map(String::valueOf)
                .toList();
    }

    /** A probe that names a host has the kubelet, which is in the node's network, ask others than the pod. */
    static Optional<Violation> probes(Subject pod) {
        return using(pod, "probe or lifecycle host", "probe or lifecycle host", HostAccess::probedHosts, true);
    }

    private static List<String> probedHosts(Unstructured container) {
        List<String> hosts = new ArrayList<>();
        List<Unstructured> handlers = List.of(
                container.object("livenessProbe"),
                container.object("readinessProbe"),
                container.object("startupProbe"),
                container.object("lifecycle", "postStart"),
                container.object("lifecycle", "preStop"));
        for (Unstructured h : handlers) {
            for (String kind : List.of("httpGet", "tcpSocket")) {
                if (!h.string(kind, "host").isEmpty()) {
                    hosts.add(h.string(kind, "host"));
                }
            }
        }
        return hosts;
    }

    private static Optional<Violation> using(
            Subject pod, String reason, String what, Function<Unstructured, List<String>> used, boolean quote) {
        List<String> names = pod.those(c -> !used.apply(c).isEmpty());
        if (names.isEmpty()) {
            return Optional.empty();
        }
        var all = new TreeSet<String>();
        pod.containers().forEach(c -> all.addAll(used.apply(c)));
        String list = quote ? Violation.quoted(all) : String.join(", ", all);
        return Optional.of(new Violation(
                reason, Violation.containers(names) + uses(names) + Violation.plural(what, all) + " " + list));
    }

    static Optional<Violation> procMount(Subject pod) {
        var mounts = new TreeSet<String>();
        List<String> bad = pod.those(c -> {
            String mount = c.stringOr("Default", "securityContext", "procMount");
            boolean other = !mount.equals("Default");
            if (other) {
                mounts.add(mount);
            }
            return other;
        });
        return Violation.by(bad, "procMount", "must not set securityContext.procMount to " + Violation.quoted(mounts));
    }

    /** @param since the minor version whose list counts */
    static Optional<Violation> sysctls(Subject pod, int since) {
        List<String> bad = pod.spec().objects("securityContext", "sysctls").stream()
                .map(s -> s.string("name"))
                .filter(n -> SAFE_SYSCTLS.headMap(since, true).values().stream().noneMatch(safe -> safe.contains(n)))
                .toList();
        return bad.isEmpty()
                ? Optional.empty()
                : Optional.of(new Violation("forbidden sysctls", String.join(", ", bad)));
    }
}
