package dev.coracle.runtime.oci;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.os.Mounts;
import dev.coracle.machinery.os.Nodes;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService.ContainerConfig;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.NamespaceMode;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The containers there are, and how one comes to be and goes. {@link Container} is one's life in between. */
final class Containers {
    private static final System.Logger LOG = System.getLogger("coracle.runtime");

    private final OciRuntimeConfig config;
    private final Path dir;
    private final OciImageStore images;
    private final OciProgram program;
    private final Sandboxes sandboxes;
    private final Container.Surroundings surroundings;
    private final Environment environment;
    private final Capabilities capabilities = new Capabilities();
    private final Map<String, Container> all = new ConcurrentHashMap<>();

    /** The ids of those that {@link #create} is at; what there is of them is no orphan. */
    private final Set<String> making = ConcurrentHashMap.newKeySet();

    Containers(
            OciRuntimeConfig config,
            OciImageStore images,
            OciProgram program,
            Sandboxes sandboxes,
            Cgroups cgroups,
            Listeners listeners,
            Environment environment) {
        this.config = config;
        this.dir = config.stateDir().resolve("containers");
        this.images = images;
        this.program = program;
        this.sandboxes = sandboxes;
        this.surroundings = new Container.Surroundings(program, cgroups, listeners, environment);
        this.environment = environment;
    }

    Path exitFile(String id) {
        return config.stateDir().resolve("exits").resolve(id);
    }

    /**
     * Reads what an earlier process left; those that ended meanwhile are noted as ended. What cannot be read costs its
     * container and no other.
     */
    void load() throws IOException {
        Files.createDirectories(dir);
        Map<String, String> runc = null;
        try {
            runc = program.states();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "containers are adopted without runc's word", e);
        }
        for (String id : names(dir)) {
            Path d = dir.resolve(id);
            try {
                Optional<ContainerRecord> record = read(d);
                if (record.isEmpty()) {
                    continue;
                }
                Container c = new Container(record.get(), d, exitFile(id), surroundings);
                all.put(id, c);
                c.adopt(runc == null ? null : runc.getOrDefault(id, ""));
            } catch (IOException | RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "container " + id + " is adopted as its record says", e);
            }
        }
    }

    /** Empty, and what is there is swept, when nobody was told of the container or nobody can tell any more. */
    private Optional<ContainerRecord> read(Path d) throws IOException {
        Path file = d.resolve("container.json");
        String id = d.getFileName().toString();
        try {
            ContainerRecord r = ContainerRecord.of(Json.parseObject(Files.readAllBytes(file)));
            if (!r.id().equals(id)) {
                throw new MalformedJsonException("it is of container \"" + r.id() + "\"");
            }
            if (sandboxes.find(r.sandboxId()).isPresent()) {
                return Optional.of(r);
            }
            LOG.log(
                    System.Logger.Level.WARNING,
                    "container " + id + " is removed: its sandbox " + r.sandboxId() + " is no more");
        } catch (FileSystemException e) {
            // Killed while making it: nobody was told of it.
            LOG.log(System.Logger.Level.DEBUG, "container without a record", e);
        } catch (MalformedJsonException | IllegalArgumentException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "container " + id + " is removed: its record " + file + " is damaged: " + e.getMessage());
        }
        return Optional.empty();
    }

    /** conmon writes {@code <id>.<random>} first and renames it then. */
    private static String containerOf(String exitFile) {
        int dot = exitFile.indexOf('.');
        return dot < 0 ? exitFile : exitFile.substring(0, dot);
    }

    static List<String> names(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> f.getFileName().toString()).toList();
        }
    }

    /** Removes what belongs to no container: files, mounts, processes, cgroups, and what runc knows of it. */
    void sweep(String cgroupRoot) throws IOException {
        // First what there is, then whom it may belong to: one made in between is not taken for an orphan.
        Set<String> found = new LinkedHashSet<>(names(dir));
        found.addAll(program.known());
        found.addAll(program.supervised());
        Path exits = config.stateDir().resolve("exits");
        List<String> exitFiles = names(exits);
        exitFiles.forEach(f -> found.add(containerOf(f)));
        Map<String, String> inCgroups = surroundings.cgroups().containers(cgroupRoot);
        found.addAll(inCgroups.keySet());
        found.removeAll(making);
        found.removeAll(all.keySet());
        for (String id : found) {
            try {
                Path d = dir.resolve(id);
                String cgroup = inCgroups.getOrDefault(id, "");
                surroundings.abandon(id, cgroup, d);
                if (!cgroup.isEmpty()) {
                    surroundings.cgroups().remove(cgroup);
                }
                removeFiles(d);
                for (String file : exitFiles) {
                    if (containerOf(file).equals(id)) {
                        Files.deleteIfExists(exits.resolve(file));
                    }
                }
            } catch (IOException | RuntimeException e) {
                // The next round tries again.
                LOG.log(System.Logger.Level.WARNING, "what is left of container " + id, e);
            }
        }
    }

    String create(String sandboxId, ContainerConfig c) throws IOException {
        SandboxRecord sandbox = sandboxes.get(sandboxId);
        if (!sandbox.ready()) {
            throw new CriException("failed to create container: sandbox \"" + sandboxId + "\" is not running");
        }
        OciImageStore.Stored image = images.stored(c.image());
        Base base = new Base(image.config(), image.entry().id(), image.reference());
        String pidNamespace = "";
        if (sandbox.pid() == NamespaceMode.POD) {
            pidNamespace = "/proc/" + pause(sandboxId) + "/ns/pid";
        } else if (!c.pidTarget().isEmpty()) {
            pidNamespace = "/proc/" + target(sandboxId, c.pidTarget()) + "/ns/pid";
        }
        return create(sandbox, c, base, pidNamespace, d -> mountRootfs(d, image));
    }

    /** Makes and starts what keeps the process namespace of a sandbox's containers. */
    void startPause(String sandboxId) throws IOException {
        ImageConfig none = new ImageConfig(List.of(), List.of(), List.of(), "", "", "", List.of(), Map.of(), 0);
        String id = create(sandboxes.get(sandboxId), PauseContainer.config(), new Base(none, "", ""), "", d -> {
            Path rootfs = Files.createDirectory(d.resolve("rootfs"));
            PauseContainer.fill(rootfs);
            return rootfs;
        });
        get(id).start();
    }

    /** Whether a sandbox's containers have the process namespace that they are to have. */
    boolean hasNamespaces(SandboxRecord sandbox) {
        return sandbox.pid() != NamespaceMode.POD || pauseOf(sandbox.id()).isPresent();
    }

    private Optional<Container> pauseOf(String sandboxId) {
        return of(sandboxId).stream()
                .filter(c -> PauseContainer.is(c.record()))
                .filter(c -> c.record().progress().state() == ContainerState.RUNNING && c.alive())
                .findFirst();
    }

    private long pause(String sandboxId) {
        return pauseOf(sandboxId)
                .orElseThrow(() -> new CriException(
                        "failed to create container: the process namespace of sandbox \"" + sandboxId + "\" has ended"))
                .record()
                .progress()
                .pid();
    }

    private long target(String sandboxId, String id) {
        return of(sandboxId).stream()
                .filter(c -> c.record().id().equals(id))
                .filter(c -> c.record().progress().state() == ContainerState.RUNNING && c.alive())
                .findFirst()
                .orElseThrow(() -> new CriException("failed to create container: target container \"" + id
                        + "\" is not running in sandbox \"" + sandboxId + "\""))
                .record()
                .progress()
                .pid();
    }

    /** What a container comes from. */
    private record Base(ImageConfig config, String id, String reference) {}

    private interface Root {
        Path mount(Path directory) throws IOException;
    }

    private String create(SandboxRecord sandbox, ContainerConfig c, Base base, String pidNamespace, Root root)
            throws IOException {
        String sandboxId = sandbox.id();
        String id = Ids.fresh(environment.entropy());
        Path d = dir.resolve(id);
        making.add(id);
        try {
            Files.createDirectories(d);
            Path rootfs = root.mount(d);
            UserLookup user = UserLookup.of(rootfs, base.config().user(), c.security());
            for (var m : c.mounts()) {
                if (!Files.exists(Path.of(m.hostPath()), LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectories(Path.of(m.hostPath()));
                }
            }
            String cgroup = sandbox.cgroup() + "/" + id;
            // An earlier sandbox of the pod may have taken the pod's cgroup along when it was removed.
            surroundings.cgroups().limitPids(sandbox.cgroup(), sandbox.pidsLimit());
            ContainerSpec spec = new ContainerSpec(
                    sandbox,
                    sandboxes.directory(sandboxId),
                    c,
                    base.config(),
                    user,
                    capabilities,
                    lowestOomScore(),
                    pidNamespace);
            Trees.writePrivate(d.resolve("config.json"), Json.bytes(spec.json(rootfs, cgroup)));
            String log = "";
            if (!c.logPath().isEmpty()) {
                Path file = Path.of(sandbox.logDirectory()).resolve(c.logPath()).toAbsolutePath();
                Files.createDirectories(file.getParent() == null ? file : file.getParent(), Trees.PRIVATE_DIRECTORY);
                log = file.toString();
            }
            ContainerRecord record = new ContainerRecord(
                    id,
                    sandboxId,
                    c.name(),
                    c.attempt(),
                    c.image(),
                    base.id(),
                    base.reference(),
                    log,
                    cgroup,
                    base.config().stopSignal(),
                    c.stdin(),
                    c.stdinOnce(),
                    c.tty(),
                    c.labels(),
                    c.annotations(),
                    Ids.now(environment),
                    ContainerRecord.Progress.CREATED);
            Container container = new Container(record, d, exitFile(id), surroundings);
            container.save(record);
            all.put(id, container);
            surroundings.listeners().tell(sandboxId, id, ContainerState.CREATED);
            return id;
        } catch (IOException | RuntimeException e) {
            removeFiles(d);
            throw e;
        } finally {
            making.remove(id);
        }
    }

    private Path mountRootfs(Path d, OciImageStore.Stored image) throws IOException {
        Path rootfs = Files.createDirectory(d.resolve("rootfs"));
        Path upper = Files.createDirectory(d.resolve("upper"));
        Path work = Files.createDirectory(d.resolve("work"));
        Nodes.mode(rootfs, 0755);
        Nodes.mode(upper, 0755);
        if (!image.chain().isEmpty()) {
            Mounts.mount("overlay", rootfs, "overlay", 0, images.layers().overlayOptions(image.chain(), upper, work));
        }
        return rootfs;
    }

    /** Without CAP_SYS_RESOURCE a process cannot give its children a lower score than its own. */
    private long lowestOomScore() throws IOException {
        return capabilities.mayUseSysResource()
                ? -1000
                : Long.parseLong(
                        Files.readString(Path.of("/proc/self/oom_score_adj")).strip());
    }

    void remove(String id) throws IOException {
        Container c = all.get(id);
        if (c == null) {
            return;
        }
        c.kill();
        surroundings.forget(c.record(), c.directory());
        surroundings.cgroups().remove(c.record().cgroup());
        removeFiles(c.directory());
        Files.deleteIfExists(exitFile(id));
        all.remove(id);
    }

    private static void removeFiles(Path d) throws IOException {
        Mounts.unmountIfMounted(d.resolve("rootfs"));
        Trees.delete(d);
    }

    Optional<Container> find(String id) {
        return Optional.ofNullable(all.get(id));
    }

    Container get(String id) {
        return find(id).orElseThrow(() -> new CriException(
                CriException.Code.NOT_FOUND, "an error occurred when try to find container \"" + id + "\": not found"));
    }

    List<Container> list() {
        return List.copyOf(all.values());
    }

    List<Container> of(String sandboxId) {
        return all.values().stream()
                .filter(c -> c.record().sandboxId().equals(sandboxId))
                .toList();
    }
}
