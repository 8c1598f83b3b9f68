package dev.coracle.runtime.oci;

import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService.ContainerConfig;
import dev.coracle.runtime.RuntimeService.Mount;
import dev.coracle.runtime.RuntimeService.NamespaceMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes the OCI runtime configuration ({@code config.json}) of a container. */
final class ContainerSpec {
    private static final List<String> MASKED = List.of(
            "/proc/asound",
            "/proc/acpi",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware",
            "/sys/devices/virtual/powercap");
    private static final List<String> READONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");
    private static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final SandboxRecord sandbox;
    private final Path sandboxDir;
    private final ContainerConfig config;
    private final ImageConfig image;
    private final UserLookup user;
    private final Capabilities capabilities;
    private final long lowestOomScore;
    private final String pidNamespace;

    /**
     * @param lowestOomScore an OOM score adjustment below this is refused by the kernel, so it is raised to it
     * @param pidNamespace the file of the one to join; {@code ""}: a new one, or the node's if the sandbox says so
     */
    ContainerSpec(
            SandboxRecord sandbox,
            Path sandboxDir,
            ContainerConfig config,
            ImageConfig image,
            UserLookup user,
            Capabilities capabilities,
            long lowestOomScore,
            String pidNamespace) {
        this.sandbox = sandbox;
        this.sandboxDir = sandboxDir;
        this.config = config;
        this.image = image;
        this.user = user;
        this.capabilities = capabilities;
        this.lowestOomScore = lowestOomScore;
        this.pidNamespace = pidNamespace;
    }

    Map<String, Object> json(Path rootfs, String cgroup) {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("ociVersion", "1.0.2");
        spec.put(
                "root",
                Map.of("path", rootfs.toString(), "readonly", config.security().readonlyRootfs()));
        spec.put("process", process());
        spec.put("mounts", mounts());
        spec.put("linux", linux(cgroup));
        return spec;
    }

    private Map<String, Object> process() {
        List<String> granted = capabilities.of(config.security());
        Map<String, Object> process = new LinkedHashMap<>();
        process.put("terminal", config.tty());
        process.put(
                "user", Map.of("uid", user.uid(), "gid", user.gid(), "additionalGids", user.groups(), "umask", 022));
        process.put("args", arguments());
        process.put("env", environment());
        process.put("cwd", workingDirectory());
        process.put("capabilities", Map.of("bounding", granted, "effective", granted, "permitted", granted));
        process.put("noNewPrivileges", config.security().noNewPrivs());
        process.put("oomScoreAdj", Math.max(lowestOomScore, config.oomScoreAdj()));
        return process;
    }

    /** A command replaces the image's entrypoint and its cmd; arguments alone replace its cmd. */
    private List<String> arguments() {
        List<String> all = new ArrayList<>();
        if (config.command().isEmpty()) {
            all.addAll(image.entrypoint());
            all.addAll(config.args().isEmpty() ? image.cmd() : config.args());
        } else {
            all.addAll(config.command());
            all.addAll(config.args());
        }
        if (all.isEmpty()) {
            throw new CriException("failed to generate container spec: no command specified");
        }
        return all;
    }

    private List<String> environment() {
        Map<String, String> env = new LinkedHashMap<>();
        put(env, PATH);
        if (!sandbox.hostname().isEmpty()) {
            put(env, "HOSTNAME=" + sandbox.hostname());
        }
        if (config.tty()) {
            put(env, "TERM=xterm");
        }
        image.env().forEach(e -> put(env, e));
        env.putAll(config.envs());
        return env.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
    }

    private static void put(Map<String, String> env, String assignment) {
        int eq = assignment.indexOf('=');
        if (eq > 0) {
            env.put(assignment.substring(0, eq), assignment.substring(eq + 1));
        }
    }

    private String workingDirectory() {
        if (!config.workingDir().isEmpty()) {
            return config.workingDir();
        }
        return image.workingDir().isEmpty() ? "/" : image.workingDir();
    }

    private List<Object> mounts() {
        boolean privileged = config.security().privileged();
        String access = privileged ? "rw" : "ro";
        List<Object> all = new ArrayList<>();
        all.add(mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"));
        all.add(mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"));
        all.add(mount(
                "/dev/pts",
                "devpts",
                "devpts",
                "nosuid",
                "noexec",
                "newinstance",
                "ptmxmode=0666",
                "mode=0620",
                "gid=5"));
        all.add(mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"));
        all.add(mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", access));
        all.add(mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", access));
        List<Mount> binds = new ArrayList<>();
        standard(
                binds,
                "/dev/shm",
                sandbox.ipc() == NamespaceMode.NODE ? Path.of("/dev/shm") : sandboxDir.resolve("shm"),
                false);
        boolean readonly = config.security().readonlyRootfs();
        standard(binds, "/etc/resolv.conf", sandboxDir.resolve("resolv.conf"), readonly);
        standard(binds, "/etc/hostname", sandboxDir.resolve("hostname"), readonly);
        binds.addAll(config.mounts());
        // The outer before the inner, or the outer would hide it.
        binds.sort(Comparator.comparingInt(m -> Path.of(m.containerPath()).getNameCount()));
        for (Mount m : binds) {
            String propagation = m.bidirectional() ? "rshared" : m.hostToContainer() ? "rslave" : "rprivate";
            all.add(mount(m.containerPath(), "bind", m.hostPath(), "rbind", propagation, m.readonly() ? "ro" : "rw"));
        }
        return all;
    }

    private void standard(List<Mount> binds, String target, Path source, boolean readonly) {
        Path path = Path.of(target);
        if (config.mounts().stream()
                .noneMatch(m -> Path.of(m.containerPath()).normalize().equals(path))) {
            binds.add(new Mount(target, source.toString(), readonly, false, false));
        }
    }

    private static Map<String, Object> mount(String target, String type, String source, String... options) {
        return Map.of("destination", target, "type", type, "source", source, "options", List.of(options));
    }

    private Map<String, Object> linux(String cgroup) {
        Map<String, Object> linux = new LinkedHashMap<>();
        linux.put("cgroupsPath", cgroup);
        linux.put("namespaces", namespaces());
        linux.put("resources", resources());
        if (config.mounts().stream().anyMatch(Mount::bidirectional)) {
            linux.put("rootfsPropagation", "rshared");
        } else if (config.mounts().stream().anyMatch(Mount::hostToContainer)) {
            linux.put("rootfsPropagation", "rslave");
        }
        if (config.security().privileged()) {
            linux.put("devices", HostDevices.all());
            return linux;
        }
        linux.put("maskedPaths", MASKED);
        linux.put("readonlyPaths", READONLY);
        if (!config.security().seccompUnconfined()) {
            linux.put("seccomp", Seccomp.profile(capabilities.of(config.security())));
        }
        return linux;
    }

    private List<Object> namespaces() {
        List<Object> all = new ArrayList<>();
        all.add(Map.of("type", "mount"));
        if (!pidNamespace.isEmpty()) {
            all.add(Map.of("type", "pid", "path", pidNamespace));
        } else if (sandbox.pid() != NamespaceMode.NODE) {
            all.add(Map.of("type", "pid"));
        }
        if (sandbox.ipc() != NamespaceMode.NODE) {
            all.add(Map.of("type", "ipc", "path", sandboxDir.resolve("ns/ipc").toString()));
        }
        if (sandbox.ownNetwork()) {
            all.add(Map.of(
                    "type", "network", "path", sandboxDir.resolve("ns/net").toString()));
            all.add(Map.of("type", "uts", "path", sandboxDir.resolve("ns/uts").toString()));
        }
        return all;
    }

    private Map<String, Object> resources() {
        Map<String, Object> resources = new LinkedHashMap<>();
        Map<String, Object> cpu = new LinkedHashMap<>();
        if (config.cpuShares() > 0) {
            cpu.put("shares", config.cpuShares());
        }
        if (config.cpuQuota() > 0) {
            cpu.put("quota", config.cpuQuota());
            cpu.put("period", config.cpuPeriod() > 0 ? config.cpuPeriod() : 100_000L);
        }
        resources.put("cpu", cpu);
        if (config.memoryLimit() > 0) {
            resources.put("memory", Map.of("limit", config.memoryLimit()));
        }
        resources.put(
                "devices",
                config.security().privileged()
                        ? List.of(Map.of("allow", true, "access", "rwm"))
                        : List.of(Map.of("allow", false, "access", "rwm")));
        return resources;
    }
}
