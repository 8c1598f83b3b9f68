package dev.coracle.runtime.oci;

import dev.coracle.runtime.RuntimeService.NamespaceMode;
import dev.coracle.runtime.RuntimeService.PodSandbox;
import dev.coracle.runtime.RuntimeService.PodSandboxConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A sandbox as {@code sandbox.json} keeps it. */
record SandboxRecord(
        String id,
        String namespace,
        String name,
        String uid,
        int attempt,
        String hostname,
        String logDirectory,
        NamespaceMode network,
        NamespaceMode pid,
        NamespaceMode ipc,
        String cgroup,
        long pidsLimit,
        boolean ready,
        long createdAtNanos,
        List<String> ips,
        Map<String, String> labels,
        Map<String, String> annotations) {

    static SandboxRecord of(String id, PodSandboxConfig c, String cgroup, long now) {
        return new SandboxRecord(
                id,
                c.namespace(),
                c.name(),
                c.uid(),
                c.attempt(),
                c.hostname(),
                c.logDirectory(),
                c.network(),
                c.pid(),
                c.ipc(),
                cgroup,
                c.pidsLimit(),
                true,
                now,
                List.of(),
                c.labels(),
                c.annotations());
    }

    SandboxRecord with(boolean ready, List<String> ips) {
        return new SandboxRecord(
                id,
                namespace,
                name,
                uid,
                attempt,
                hostname,
                logDirectory,
                network,
                pid,
                ipc,
                cgroup,
                pidsLimit,
                ready,
                createdAtNanos,
                ips,
                labels,
                annotations);
    }

    boolean ownNetwork() {
        return network != NamespaceMode.NODE;
    }

    PodSandbox status(String networkNamespacePath) {
        return new PodSandbox(
                id,
                namespace,
                name,
                uid,
                attempt,
                ready,
                createdAtNanos,
                ips,
                ownNetwork() ? networkNamespacePath : "",
                labels,
                annotations);
    }

    Map<String, Object> json() {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("id", id);
        m.put("namespace", namespace);
        m.put("name", name);
        m.put("uid", uid);
        m.put("attempt", (long) attempt);
        m.put("hostname", hostname);
        m.put("logDirectory", logDirectory);
        m.put("network", network.name());
        m.put("pid", pid.name());
        m.put("ipc", ipc.name());
        m.put("cgroup", cgroup);
        m.put("pidsLimit", pidsLimit);
        m.put("ready", ready);
        m.put("createdAt", createdAtNanos);
        m.put("ips", ips);
        m.put("labels", labels);
        m.put("annotations", annotations);
        return m;
    }

    static SandboxRecord of(Map<String, Object> m) {
        return new SandboxRecord(
                Trees.string(m, "id"),
                Trees.string(m, "namespace"),
                Trees.string(m, "name"),
                Trees.string(m, "uid"),
                (int) Trees.number(m, "attempt"),
                Trees.string(m, "hostname"),
                Trees.string(m, "logDirectory"),
                NamespaceMode.valueOf(Trees.string(m, "network")),
                NamespaceMode.valueOf(Trees.string(m, "pid")),
                NamespaceMode.valueOf(Trees.string(m, "ipc")),
                Trees.string(m, "cgroup"),
                Trees.number(m, "pidsLimit"),
                Boolean.TRUE.equals(m.get("ready")),
                Trees.number(m, "createdAt"),
                Trees.strings(m.get("ips")),
                Trees.stringMap(m.get("labels")),
                Trees.stringMap(m.get("annotations")));
    }
}
