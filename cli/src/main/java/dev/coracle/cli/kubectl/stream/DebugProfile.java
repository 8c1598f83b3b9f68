package dev.coracle.cli.kubectl.stream;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a debugging container may do, by the names that kubectl has for it. */
enum DebugProfile {
    LEGACY,
    GENERAL,
    BASELINE,
    RESTRICTED,
    NETADMIN,
    SYSADMIN;

    static DebugProfile of(String name) {
        for (DebugProfile p : values()) {
            if (p.name().toLowerCase(Locale.ROOT).equals(name)) {
                return p;
            }
        }
        throw new Failure("unknown profile: " + name);
    }

    /** Of a container in a pod: a node's own has the node's namespaces and so needs less. */
    void inPod(Unstructured container) {
        switch (this) {
            case GENERAL -> capabilities(container, "SYS_PTRACE");
            default -> onNode(container);
        }
    }

    void onNode(Unstructured container) {
        switch (this) {
            case NETADMIN -> capabilities(container, "NET_ADMIN", "NET_RAW");
            case SYSADMIN -> container.set(true, "securityContext", "privileged");
            case RESTRICTED ->
                container
                        .set(true, "securityContext", "runAsNonRoot")
                        .set(false, "securityContext", "allowPrivilegeEscalation")
                        .set(List.of("ALL"), "securityContext", "capabilities", "drop")
                        .set("RuntimeDefault", "securityContext", "seccompProfile", "type");
            default -> {}
        }
    }

    /** Whether a debugger on a node sees the node's processes, network and files. */
    boolean seesNode() {
        return this != BASELINE && this != RESTRICTED;
    }

    private static void capabilities(Unstructured container, String... names) {
        container.set(List.of(names), "securityContext", "capabilities", "add");
    }

    /** Of the copy of a pod: it serves nobody, and nobody ends it while it is looked at. */
    void onCopy(Unstructured pod) {
        if (this == LEGACY) {
            return;
        }
        pod.remove("metadata", "labels");
        for (Unstructured c : pod.objects("spec", "containers")) {
            for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
                c.remove(probe);
            }
        }
    }

    /** The file system of a node, where its debugger looks for it. */
    static void mountNode(Unstructured pod, Unstructured container) {
        pod.add(
                new LinkedHashMap<>(Map.of("name", "host-root", "hostPath", new LinkedHashMap<>(Map.of("path", "/")))),
                "spec",
                "volumes");
        container.add(new LinkedHashMap<>(Map.of("name", "host-root", "mountPath", "/host")), "volumeMounts");
    }
}
