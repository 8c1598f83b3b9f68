package dev.coracle.runtime.oci;

import dev.coracle.runtime.RuntimeService.ContainerStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Reads and removes cgroups, on a machine with v1 controllers or with the unified hierarchy. */
final class Cgroups {
    private final Path root;
    private final boolean unified;

    Cgroups() {
        this(Path.of("/sys/fs/cgroup"));
    }

    Cgroups(Path root) {
        this.root = root;
        this.unified = Files.exists(root.resolve("cgroup.controllers"));
    }

    /**
     * Makes the cgroup, and bounds the processes and threads in it and in those under it. A fork beyond is refused with
     * EAGAIN, whoever in there asks. Idempotent.
     *
     * @param limit 0 makes nothing
     */
    void limitPids(String cgroup, long limit) throws IOException {
        if (limit <= 0) {
            return;
        }
        Path dir = at("pids", cgroup);
        if (unified) {
            // A controller works in a directory when it is on in all above.
            Path above = root;
            for (Path name : root.relativize(dir)) {
                Files.writeString(above.resolve("cgroup.subtree_control"), "+pids");
                above = Files.createDirectories(above.resolve(name));
            }
        } else if (!Files.isDirectory(root.resolve("pids"))) {
            throw new IOException("the pids controller is not mounted at " + root.resolve("pids"));
        }
        Files.createDirectories(dir);
        Files.writeString(dir.resolve("pids.max"), String.valueOf(limit));
    }

    /**
     * Gives a cgroup as much time as it likes, so that what is to end can. Where many compete for a small quota, the one
     * that was killed may never get to run, and only when it runs it ends.
     */
    void unthrottle(String cgroup) throws IOException {
        Path quota =
                unified ? at("", cgroup).resolve("cpu.max") : at("cpu", cgroup).resolve("cpu.cfs_quota_us");
        if (Files.exists(quota)) {
            Files.writeString(quota, unified ? "max" : "-1");
        }
    }

    ContainerStats stats(String cgroup) {
        if (unified) {
            Path dir = at("", cgroup);
            long usage = number(dir.resolve("memory.current"));
            return new ContainerStats(
                    keyed(dir.resolve("cpu.stat"), "usage_usec") * 1000,
                    Math.max(0, usage - keyed(dir.resolve("memory.stat"), "inactive_file")),
                    usage,
                    number(dir.resolve("pids.current")));
        }
        Path memory = at("memory", cgroup);
        long usage = number(memory.resolve("memory.usage_in_bytes"));
        return new ContainerStats(
                number(at("cpuacct", cgroup).resolve("cpuacct.usage")),
                Math.max(0, usage - keyed(memory.resolve("memory.stat"), "total_inactive_file")),
                usage,
                number(at("pids", cgroup).resolve("pids.current")));
    }

    /** Whether the kernel ended something in the cgroup for lack of memory. */
    boolean outOfMemory(String cgroup) {
        return unified
                ? keyed(at("", cgroup).resolve("memory.events"), "oom_kill") > 0
                : keyed(at("memory", cgroup).resolve("memory.oom_control"), "oom_kill") > 0;
    }

    /** Removes a cgroup and those under it in every hierarchy; one with processes in it stays. */
    void remove(String cgroup) {
        for (Path hierarchy : hierarchies()) {
            removeTree(hierarchy.resolve(cgroup.substring(1)));
        }
    }

    /** Removes a cgroup that nothing is in or under. */
    void removeIfEmpty(String cgroup) {
        for (Path hierarchy : hierarchies()) {
            try {
                Files.deleteIfExists(hierarchy.resolve(cgroup.substring(1)));
            } catch (IOException e) {
                // Another runtime's are under it.
            }
        }
    }

    /** The processes in a cgroup and those under it. */
    List<Long> processes(String cgroup) {
        if (cgroup.isEmpty()) {
            return List.of();
        }
        List<Long> found = new ArrayList<>();
        for (Path hierarchy : hierarchies()) {
            Path dir = hierarchy.resolve(cgroup.substring(1));
            if (!Files.isDirectory(dir)) {
                continue;
            }
            try (Stream<Path> all = Files.walk(dir)) {
                for (Path file : all.filter(f -> f.endsWith("cgroup.procs")).toList()) {
                    for (String line : Files.readAllLines(file)) {
                        found.add(Long.parseLong(line.strip()));
                    }
                }
            } catch (IOException | java.io.UncheckedIOException e) {
                // It went away while it was read, so nothing is in it.
            }
        }
        return found.stream().distinct().toList();
    }

    /** The names of the cgroups right under one, in any hierarchy. */
    Set<String> under(String cgroup) {
        Set<String> names = new LinkedHashSet<>();
        for (Path hierarchy : hierarchies()) {
            try (Stream<Path> children = Files.list(hierarchy.resolve(cgroup.substring(1)))) {
                children.filter(c -> Files.isDirectory(c, LinkOption.NOFOLLOW_LINKS))
                        .forEach(c -> names.add(c.getFileName().toString()));
            } catch (IOException e) {
                // Not in this hierarchy.
            }
        }
        return names;
    }

    /** The cgroups two levels under {@code root}, where containers' are under their pods', by their names. */
    Map<String, String> containers(String root) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String pod : under(root)) {
            for (String container : under(root + "/" + pod)) {
                found.put(container, root + "/" + pod + "/" + container);
            }
        }
        return found;
    }

    private List<Path> hierarchies() {
        if (unified) {
            return List.of(root);
        }
        try (Stream<Path> all = Files.list(root)) {
            return all.filter(d -> Files.isDirectory(d, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static void removeTree(Path dir) {
        if (!Files.isDirectory(dir)) {
            return;
        }
        try (Stream<Path> children = Files.list(dir)) {
            for (Path child : children.filter(c -> Files.isDirectory(c, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                removeTree(child);
            }
        } catch (IOException e) {
            return;
        }
        try {
            Files.deleteIfExists(dir);
        } catch (IOException e) {
            System.getLogger("coracle.runtime").log(System.Logger.Level.DEBUG, "cgroup " + dir + " stays", e);
        }
    }

    private Path at(String controller, String cgroup) {
        return (unified ? root : root.resolve(controller)).resolve(cgroup.substring(1));
    }

    private static long number(Path file) {
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    private static long keyed(Path file, String key) {
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith(key + " ")) {
                    return Long.parseLong(line.substring(key.length() + 1).strip());
                }
            }
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
        return 0;
    }
}
