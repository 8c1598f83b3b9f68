package dev.coracle.runtime.oci;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The default seccomp profile, in the sense of containerd's and Docker's: what is not allowed gets EPERM. */
final class Seccomp {
    private static final Map<String, List<String>> WITH_CAPABILITY = Map.ofEntries(
            Map.entry("CAP_DAC_READ_SEARCH", List.of("open_by_handle_at")),
            Map.entry(
                    "CAP_SYS_ADMIN",
                    List.of(
                            "bpf",
                            "clone",
                            "clone3",
                            "fanotify_init",
                            "fsconfig",
                            "fsmount",
                            "fsopen",
                            "fspick",
                            "lookup_dcookie",
                            "mount",
                            "mount_setattr",
                            "move_mount",
                            "open_tree",
                            "perf_event_open",
                            "quotactl",
                            "setdomainname",
                            "sethostname",
                            "setns",
                            "syslog",
                            "umount",
                            "umount2",
                            "unshare")),
            Map.entry("CAP_SYS_BOOT", List.of("reboot")),
            Map.entry("CAP_SYS_CHROOT", List.of("chroot")),
            Map.entry("CAP_SYS_MODULE", List.of("delete_module", "init_module", "finit_module")),
            Map.entry("CAP_SYS_PACCT", List.of("acct")),
            Map.entry("CAP_SYS_PTRACE", List.of("kcmp", "pidfd_getfd", "process_madvise")),
            Map.entry("CAP_SYS_RAWIO", List.of("iopl", "ioperm")),
            Map.entry("CAP_SYS_TIME", List.of("settimeofday", "stime", "clock_settime", "clock_settime64")),
            Map.entry("CAP_SYS_TTY_CONFIG", List.of("vhangup")),
            Map.entry("CAP_SYS_NICE", List.of("get_mempolicy", "mbind", "set_mempolicy")),
            Map.entry("CAP_SYSLOG", List.of("syslog")),
            Map.entry("CAP_BPF", List.of("bpf")),
            Map.entry("CAP_PERFMON", List.of("perf_event_open")));

    private Seccomp() {}

    /** The {@code linux.seccomp} section for a process with these capabilities. */
    static Map<String, Object> profile(List<String> capabilities) {
        List<Object> rules = new ArrayList<>();
        rules.add(Map.of("names", allowed(), "action", "SCMP_ACT_ALLOW"));
        for (long persona : new long[] {0, 8, 0x20000, 0x20008, 0xffffffffL}) {
            rules.add(Map.of(
                    "names", List.of("personality"),
                    "action", "SCMP_ACT_ALLOW",
                    "args", List.of(Map.of("index", 0L, "value", persona, "op", "SCMP_CMP_EQ"))));
        }
        for (String capability : capabilities) {
            List<String> more = WITH_CAPABILITY.get(capability);
            if (more != null) {
                rules.add(Map.of("names", more, "action", "SCMP_ACT_ALLOW"));
            }
        }
        if (!capabilities.contains("CAP_SYS_ADMIN")) {
            // clone without new namespaces: none of the CLONE_NEW* bits may be set.
            rules.add(Map.of(
                    "names", List.of("clone"),
                    "action", "SCMP_ACT_ALLOW",
                    "args",
                            List.of(Map.of(
                                    "index", 0L, "value", 0x7E020000L, "valueTwo", 0L, "op", "SCMP_CMP_MASKED_EQ"))));
            // Its flags lie in memory where seccomp cannot look; ENOSYS makes libc fall back to clone.
            rules.add(Map.of("names", List.of("clone3"), "action", "SCMP_ACT_ERRNO", "errnoRet", 38L));
        }
        List<String> architectures = System.getProperty("os.arch").equals("aarch64")
                ? List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM")
                : List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");
        return Map.of(
                "defaultAction",
                "SCMP_ACT_ERRNO",
                "defaultErrnoRet",
                1L,
                "architectures",
                architectures,
                "syscalls",
                rules);
    }

    private static List<String> allowed() {
        try (InputStream in = Seccomp.class.getResourceAsStream("seccomp-allowed.txt")) {
            if (in == null) {
                throw new IllegalStateException("seccomp-allowed.txt is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(l -> !l.startsWith("#"))
                    .flatMap(l -> Arrays.stream(l.split(" ")))
                    .filter(n -> !n.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
