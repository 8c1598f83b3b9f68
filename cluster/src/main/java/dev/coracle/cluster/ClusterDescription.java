package dev.coracle.cluster;

import dev.coracle.controllers.Addon;
import dev.coracle.controllers.ControllersConfig;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is remembered of a cluster between runs, in {@code cluster.json}.
 *
 * @param index tells its addresses apart from other clusters' ({@link ClusterNetwork})
 * @param workers how many nodes besides the control plane
 * @param apiPort where the machine's own clients find its API, on the loopback: once the cluster is down they are refused
 *     at once, and never by a stranger at the other end of the default route; 0 in descriptions that were written before
 *     there was one, until the next {@link #claim}
 * @param controllers which of them run, as {@link ControllersConfig} has it
 * @param leaderElect whether controllers and scheduler are elected before they act, as upstream's option of that name
 * @param profile for what machine its process is set up
 * @param addons what it has besides
 * @param pid of the process that runs it, or 0
 */
public record ClusterDescription(
        String name,
        int index,
        int workers,
        int apiPort,
        List<String> controllers,
        boolean leaderElect,
        Profile profile,
        List<Addon> addons,
        long pid) {
    public ClusterDescription(String name, int index, int workers, int apiPort, long pid) {
        this(name, index, workers, apiPort, ControllersConfig.ALL, false, Profile.LAPTOP, List.of(), pid);
    }

    /** Node names as kind has them: {@code coracle-control-plane}, {@code coracle-worker}, {@code coracle-worker2}. */
    public List<String> nodes() {
        List<String> nodes = new ArrayList<>();
        nodes.add(name + "-control-plane");
        for (int i = 1; i <= workers; i++) {
            nodes.add(name + "-worker" + (i == 1 ? "" : i));
        }
        return nodes;
    }

    public ClusterNetwork network() {
        return new ClusterNetwork(index);
    }

    /** Whether its process lives; a process id that was taken over by another program does not count. */
    public boolean running() {
        return pid != 0
                && ProcessHandle.of(pid)
                        .flatMap(p -> p.info().command())
                        .map(c -> c.endsWith("java"))
                        .orElse(false);
    }

    public ClusterDescription withPid(long newPid) {
        return new ClusterDescription(name, index, workers, apiPort, controllers, leaderElect, profile, addons, newPid);
    }

    public ClusterDescription withControllers(List<String> selection) {
        return new ClusterDescription(name, index, workers, apiPort, selection, leaderElect, profile, addons, pid);
    }

    public ClusterDescription withLeaderElect(boolean elect) {
        return new ClusterDescription(name, index, workers, apiPort, controllers, elect, profile, addons, pid);
    }

    public ClusterDescription withProfile(Profile other) {
        return new ClusterDescription(name, index, workers, apiPort, controllers, leaderElect, other, addons, pid);
    }

    public ClusterDescription withAddons(List<Addon> others) {
        return new ClusterDescription(name, index, workers, apiPort, controllers, leaderElect, profile, others, pid);
    }

    /** The API's URL for clients on this machine. */
    public String server() {
        return "https://127.0.0.1:" + apiPort;
    }

    public static Optional<ClusterDescription> read(ClusterPaths paths) {
        try {
            if (!Files.exists(paths.description())) {
                return Optional.empty();
            }
            Unstructured d = Unstructured.parse(Files.readAllBytes(paths.description()));
            return Optional.of(new ClusterDescription(
                    paths.name(),
                    (int) d.integer(0, "index"),
                    (int) d.integer(2, "workers"),
                    (int) d.integer(0, "apiPort"),
                    d.has("controllers") ? d.stringList("controllers") : ControllersConfig.ALL,
                    d.bool("leaderElect"),
                    d.has("profile") ? Profile.of(d.string("profile")) : Profile.LAPTOP,
                    Addon.of(d.stringList("addons")),
                    d.integer(0, "pid")));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + paths.description(), e);
        }
    }

    /** Every cluster of the machine, running or not, by name. */
    public static List<ClusterDescription> all(Path home) {
        Path clusters = home.resolve("clusters");
        if (!Files.isDirectory(clusters)) {
            return List.of();
        }
        try (Stream<Path> dirs = Files.list(clusters)) {
            return dirs.sorted()
                    .map(d -> read(new ClusterPaths(home, d.getFileName().toString())))
                    .flatMap(Optional::stream)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + clusters, e);
        }
    }

    /**
     * Reads the description or makes it, with an index and a port that no other cluster of the machine has; safe between
     * processes. A cluster keeps its port unless another program has taken it meanwhile.
     *
     * @throws IllegalStateException when another home has a cluster of this name, or all indexes are taken
     */
    public static ClusterDescription claim(ClusterPaths paths, int workers) {
        return claim(paths, workers, new MachineRegistry());
    }

    static ClusterDescription claim(ClusterPaths paths, int workers, MachineRegistry registry) {
        boolean known = Files.exists(paths.dir());
        try {
            return take(paths, workers, registry);
        } catch (IllegalStateException e) {
            if (!known) {
                paths.removeEmpty();
            }
            throw e;
        }
    }

    private static ClusterDescription take(ClusterPaths paths, int workers, MachineRegistry registry) {
        try {
            paths.makePrivate();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot claim a place under " + paths.clusters(), e);
        }
        Path cluster = paths.dir().toAbsolutePath().normalize();
        Optional<ClusterDescription> before = read(paths);
        if (before.filter(ClusterDescription::running).isPresent()) {
            return before.get();
        }
        var place = registry.claim(
                cluster,
                before.map(ClusterDescription::index).orElse(-1),
                before.map(ClusterDescription::apiPort).orElse(0));
        var claimed = new ClusterDescription(
                paths.name(),
                place.index(),
                before.map(ClusterDescription::workers).orElse(workers),
                place.apiPort(),
                before.map(ClusterDescription::controllers).orElse(ControllersConfig.ALL),
                before.map(ClusterDescription::leaderElect).orElse(false),
                before.map(ClusterDescription::profile).orElse(Profile.LAPTOP),
                before.map(ClusterDescription::addons).orElse(List.of()),
                before.map(ClusterDescription::pid).orElse(0L));
        claimed.write(paths);
        return claimed;
    }

    public void write(ClusterPaths paths) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("index", index);
        m.put("workers", workers);
        m.put("apiPort", apiPort);
        m.put("controllers", controllers);
        m.put("leaderElect", leaderElect);
        // The launcher reads it here.
        m.put("profile", profile.toString());
        m.put("addons", addons.stream().map(Addon::toString).toList());
        m.put("pid", pid);
        try {
            Path part = paths.dir().resolve("cluster.json.part");
            Files.write(part, Json.bytes(m));
            Files.move(part, paths.description(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + paths.description(), e);
        }
    }
}
