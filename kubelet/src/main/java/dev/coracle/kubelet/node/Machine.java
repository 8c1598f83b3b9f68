package dev.coracle.kubelet.node;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What Linux says of the machine under the node. Unreadable figures count as plenty. */
final class Machine {
    /** Where cAdvisor looks, in its order. */
    private static final List<String> MACHINE_IDS = List.of("/etc/machine-id", "/var/lib/dbus/machine-id");

    private static final List<String> SYSTEM_UUIDS = List.of(
            "/sys/class/dmi/id/product_uuid",
            "/proc/device-tree/system-id",
            "/proc/device-tree/vm,uuid",
            "/etc/machine-id");

    private final Path disk;

    /** @param disk a path on the disk that pods write to */
    Machine(Path disk) {
        this.disk = disk;
    }

    private static String read(String file, String fallback) {
        // Not Files.readString: of a file that claims to be empty it reads one byte first, and the kernel gives the
        // numbers
        // under /proc/sys to one read only: 32768 would be 3.
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            return new String(in.readNBytes(64 * 1024), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return fallback;
        }
    }

    /** What the first of the files says that says anything. */
    private static String first(List<String> files) {
        return files.stream()
                .map(f -> read(f, "").replace("\0", ""))
                .filter(text -> !text.isEmpty())
                .findFirst()
                .orElse("");
    }

    /** Bytes. */
    long availableMemory() {
        return read("/proc/meminfo", "")
                .lines()
                .filter(l -> l.startsWith("MemAvailable:"))
                .mapToLong(l -> number(l, Long.MAX_VALUE >> 10) << 10)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }

    private static long number(String text, long fallback) {
        String digits = text.chars()
                .filter(Character::isDigit)
                .mapToObj(Character::toString)
                .reduce("", String::concat);
        return digits.isEmpty() ? fallback : Long.parseLong(digits);
    }

    private Path existing() {
        Path p = disk.toAbsolutePath();
        while (!Files.exists(p) && p.getParent() != null) {
            p = p.getParent();
        }
        return p;
    }

    long diskBytes() {
        try {
            return Files.getFileStore(existing()).getTotalSpace();
        } catch (IOException e) {
            return 0;
        }
    }

    /** The free share, 0 to 1. */
    double freeDisk() {
        try {
            FileStore store = Files.getFileStore(existing());
            return (double) store.getUsableSpace() / Math.max(1, store.getTotalSpace());
        } catch (IOException e) {
            return 1;
        }
    }

    double freePids() {
        long max = number(read("/proc/sys/kernel/pid_max", ""), 4_194_304);
        String load = read("/proc/loadavg", "");
        int slash = load.indexOf('/');
        int end = load.indexOf(' ', Math.max(0, slash));
        if (slash < 0 || end < 0) {
            return 1;
        }
        return 1 - (double) number(load.substring(slash, end), 0) / Math.max(1, max);
    }

    /** {@code status.nodeInfo}. */
    Map<String, Object> info() {
        Map<String, Object> i = new LinkedHashMap<>();
        String machine = first(MACHINE_IDS);
        String system = first(SYSTEM_UUIDS);
        // In a container or a small virtual machine there may be neither: then the node's own place stands for them.
        String own = UUID.nameUUIDFromBytes(disk.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8))
                .toString();
        i.put("machineID", machine.isEmpty() ? own.replace("-", "") : machine);
        i.put("systemUUID", system.isEmpty() ? own : system);
        i.put("bootID", read("/proc/sys/kernel/random/boot_id", ""));
        i.put("kernelVersion", read("/proc/sys/kernel/osrelease", ""));
        i.put("osImage", osImage());
        i.put("containerRuntimeVersion", "coracle://0.1.0");
        i.put("kubeletVersion", "v1.36.0+coracle");
        i.put("kubeProxyVersion", "");
        i.put("operatingSystem", "linux");
        i.put("architecture", System.getProperty("os.arch", "amd64").equals("aarch64") ? "arm64" : "amd64");
        return i;
    }

    private static String osImage() {
        return read("/etc/os-release", "")
                .lines()
                .filter(l -> l.startsWith("PRETTY_NAME="))
                .map(l -> l.substring(12).replace("\"", ""))
                .findFirst()
                .orElse("Linux");
    }
}
