package dev.coracle.runtime.oci;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.os.Mounts;
import dev.coracle.machinery.os.Nodes;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService.ContainerConfig;
import dev.coracle.runtime.RuntimeService.ContainerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The containers there are, and how one comes to be and goes. {@link Container} is one's life in between. */
final class Containers {
    private final OciRuntimeConfig config;
    private final Path dir;
    private final OciImageStore images;
    private final OciProgram program;
    private final Sandboxes sandboxes;
    private final Container.Surroundings surroundings;
    private final Environment environment;
    private final Capabilities capabilities = new Capabilities();
    private final Map<String, Container> all = new ConcurrentHashMap<>();

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

    /** Reads what an earlier process left; those that ended meanwhile are noted as ended. */
    void load() throws IOException {
        Files.createDirectories(dir);
        try (Stream<Path> directories = Files.list(dir)) {
            for (Path d : directories.toList()) {
                try {
                    ContainerRecord r =
                            ContainerRecord.of(Json.parseObject(Files.readAllBytes(d.resolve("container.json"))));
                    Container c = new Container(r, d, exitFile(r.id()), surroundings);
                    all.put(r.id(), c);
                    c.adopt();
                } catch (NoSuchFileException e) {
                    // Killed while making it: nobody was told of it.
                    removeFiles(d);
                }
            }
        }
    }

    String create(String sandboxId, ContainerConfig c) throws IOException {
        SandboxRecord sandbox = sandboxes.get(sandboxId);
        if (!sandbox.ready()) {
            throw new CriException("failed to create container: sandbox \"" + sandboxId + "\" is not running");
        }
        OciImageStore.Stored image = images.stored(c.image());
        String id = Ids.fresh(environment.entropy());
        Path d = Files.createDirectories(dir.resolve(id));
        try {
            Path rootfs = mountRootfs(d, image);
            UserLookup user = UserLookup.of(rootfs, image.config().user(), c.security());
            for (var m : c.mounts()) {
                if (!Files.exists(Path.of(m.hostPath()), LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectories(Path.of(m.hostPath()));
                }
            }
            String cgroup = sandbox.cgroup() + "/" + id;
            // An earlier sandbox of the pod may have taken the pod's cgroup along when it was removed.
            surroundings.cgroups().limitPids(sandbox.cgroup(), sandbox.pidsLimit());
            ContainerSpec spec = new ContainerSpec(
                    sandbox, sandboxes.directory(sandboxId), c, image.config(), user, capabilities, lowestOomScore());
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
                    image.entry().id(),
                    image.reference(),
                    log,
                    cgroup,
                    image.config().stopSignal(),
                    c.stdin(),
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
        program.delete(id);
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
