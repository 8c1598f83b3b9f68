package dev.coracle.runtime.oci;

import dev.coracle.runtime.RuntimeService.SecurityContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which capabilities a container's process has: containerd's default set, changed as the pod asks. */
final class Capabilities {
    /** By bit number, as {@code linux/capability.h} has them. */
    private static final List<String> ALL = List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "DAC_READ_SEARCH",
            "FOWNER",
            "FSETID",
            "KILL",
            "SETGID",
            "SETUID",
            "SETPCAP",
            "LINUX_IMMUTABLE",
            "NET_BIND_SERVICE",
            "NET_BROADCAST",
            "NET_ADMIN",
            "NET_RAW",
            "IPC_LOCK",
            "IPC_OWNER",
            "SYS_MODULE",
            "SYS_RAWIO",
            "SYS_CHROOT",
            "SYS_PTRACE",
            "SYS_PACCT",
            "SYS_ADMIN",
            "SYS_BOOT",
            "SYS_NICE",
            "SYS_RESOURCE",
            "SYS_TIME",
            "SYS_TTY_CONFIG",
            "MKNOD",
            "LEASE",
            "AUDIT_WRITE",
            "AUDIT_CONTROL",
            "SETFCAP",
            "MAC_OVERRIDE",
            "MAC_ADMIN",
            "SYSLOG",
            "WAKE_ALARM",
            "BLOCK_SUSPEND",
            "AUDIT_READ",
            "PERFMON",
            "BPF",
            "CHECKPOINT_RESTORE");

    private static final List<String> DEFAULT = List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "FSETID",
            "FOWNER",
            "MKNOD",
            "NET_RAW",
            "SETGID",
            "SETUID",
            "SETFCAP",
            "SETPCAP",
            "NET_BIND_SERVICE",
            "SYS_CHROOT",
            "KILL",
            "AUDIT_WRITE");

    private static final int SYS_RESOURCE = 24;

    private final long held;

    Capabilities() {
        this.held = bounding();
    }

    /** Whether this process may lower the OOM score and raise hard limits. */
    boolean mayUseSysResource() {
        return (held & (1L << SYS_RESOURCE)) != 0;
    }

    /** Names with {@code CAP_}. What this process itself lacks is left out, since it cannot be given on. */
    List<String> of(SecurityContext security) {
        Set<String> names = new LinkedHashSet<>(security.privileged() ? ALL : DEFAULT);
        List<String> add = plain(security.addCapabilities());
        List<String> drop = plain(security.dropCapabilities());
        if (!security.privileged()) {
            if (add.contains("ALL")) {
                names.addAll(ALL);
            }
            if (drop.contains("ALL")) {
                names.clear();
            }
            names.addAll(add);
            drop.forEach(names::remove);
            names.remove("ALL");
        }
        List<String> result = new ArrayList<>();
        for (String name : names) {
            int bit = ALL.indexOf(name);
            if (bit < 0) {
                throw new dev.coracle.runtime.CriException("unknown capability \"CAP_" + name + "\"");
            }
            if ((held & (1L << bit)) != 0) {
                result.add("CAP_" + name);
            }
        }
        return result;
    }

    private static List<String> plain(List<String> names) {
        return names.stream()
                .map(n -> n.toUpperCase(Locale.ROOT))
                .map(n -> n.startsWith("CAP_") ? n.substring(4) : n)
                .toList();
    }

    private static long bounding() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("CapBnd:")) {
                    return Long.parseUnsignedLong(line.substring(7).strip(), 16);
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return 0;
    }
}
