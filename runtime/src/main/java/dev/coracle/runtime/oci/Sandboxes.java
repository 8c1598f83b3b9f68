package dev.coracle.runtime.oci;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.os.Mounts;
import dev.coracle.machinery.os.Namespaces;
import dev.coracle.machinery.os.Nodes;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.PodNetwork;
import dev.coracle.runtime.RuntimeService.DnsConfig;
import dev.coracle.runtime.RuntimeService.NamespaceMode;
import dev.coracle.runtime.RuntimeService.PodSandboxConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The pods' namespaces, shared memory and DNS files. A sandbox has no process, but for a {@link PauseContainer}. */
final class Sandboxes {
    private static final System.Logger LOG = System.getLogger("coracle.runtime");

    private final Path dir;
    private final String cgroupRoot;
    private final Cgroups cgroups;
    private final PodNetwork network;
    private final Environment environment;
    private final Map<String, SandboxRecord> all = new ConcurrentHashMap<>();

    /** Those that {@link #run} is at; what there is of them is no orphan. */
    private final Map<String, SandboxRecord> making = new ConcurrentHashMap<>();

    Sandboxes(Path stateDir, String cgroupRoot, Cgroups cgroups, PodNetwork network, Environment environment) {
        this.dir = stateDir.resolve("sandboxes");
        this.cgroupRoot = cgroupRoot;
        this.cgroups = cgroups;
        this.network = network;
        this.environment = environment;
    }

    Path directory(String id) {
        return dir.resolve(id);
    }

    Path networkNamespace(String id) {
        return directory(id).resolve("ns/net");
    }

    /** Reads what an earlier process left. A sandbox whose namespaces went with a reboot is not ready any more. */
    void load() throws IOException {
        Files.createDirectories(dir);
        Set<Path> mounted = Set.copyOf(Mounts.under(dir));
        for (String id : Containers.names(dir)) {
            read(directory(id)).ifPresent(s -> {
                boolean alive = !s.ownNetwork() || mounted.contains(networkNamespace(id));
                all.put(id, s.ready() && !alive ? s.with(false, s.ips()) : s);
            });
        }
    }

    /** Empty, and what is there is swept, when nobody was told of the sandbox or nobody can tell any more. */
    private Optional<SandboxRecord> read(Path d) {
        Path file = d.resolve("sandbox.json");
        String id = d.getFileName().toString();
        try {
            SandboxRecord s = SandboxRecord.of(Json.parseObject(Files.readAllBytes(file)));
            if (s.id().equals(id)) {
                return Optional.of(s);
            }
            throw new MalformedJsonException("it is of sandbox \"" + s.id() + "\"");
        } catch (IOException e) {
            // Killed while making it: nobody was told of it.
            LOG.log(System.Logger.Level.DEBUG, "sandbox without a record", e);
        } catch (MalformedJsonException | IllegalArgumentException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "sandbox " + id + " is removed with its containers: its record " + file + " is damaged: "
                            + e.getMessage());
        }
        return Optional.empty();
    }

    /** Removes what belongs to no sandbox: network, mounts, namespaces, files, pods' cgroups. */
    void sweep() throws IOException {
        // First what there is, then whom it may belong to: one made in between is not taken for an orphan.
        Set<String> found = new HashSet<>(Containers.names(dir));
        Set<String> pods = new HashSet<>();
        cgroups.under(cgroupRoot).forEach(pod -> pods.add(cgroupRoot + "/" + pod));
        for (Map<String, SandboxRecord> known : List.of(making, all)) {
            for (SandboxRecord s : known.values()) {
                found.remove(s.id());
                pods.removeIf(pod -> (s.cgroup() + "/").startsWith(pod + "/"));
            }
        }
        for (String id : found) {
            try {
                network.detach(id);
                release(directory(id));
                Trees.delete(directory(id));
            } catch (IOException | RuntimeException e) {
                // The next round tries again.
                LOG.log(System.Logger.Level.WARNING, "what is left of sandbox " + id, e);
            }
        }
        pods.forEach(cgroups::remove);
    }

    String run(PodSandboxConfig config) throws IOException {
        String id = Ids.fresh(environment.entropy());
        Path d = directory(id);
        String parent = config.cgroupParent().isEmpty() ? "/pod" + config.uid() : config.cgroupParent();
        SandboxRecord sandbox = SandboxRecord.of(
                id, config, cgroupRoot + (parent.startsWith("/") ? "" : "/") + parent, Ids.now(environment));
        making.put(id, sandbox);
        try {
            Files.createDirectories(d);
            writeReadable(d.resolve("resolv.conf"), resolvConf(config.dns(), sandbox.ownNetwork()));
            writeReadable(d.resolve("hostname"), config.hostname() + "\n");
            EnumSet<Namespaces.Kind> kinds = EnumSet.noneOf(Namespaces.Kind.class);
            if (sandbox.ownNetwork()) {
                kinds.add(Namespaces.Kind.NET);
                kinds.add(Namespaces.Kind.UTS);
            }
            if (sandbox.ipc() != NamespaceMode.NODE) {
                kinds.add(Namespaces.Kind.IPC);
                Path shm = Files.createDirectories(d.resolve("shm"));
                long flags = Mounts.NOSUID | Mounts.NODEV | Mounts.NOEXEC;
                Mounts.mount("shm", shm, "tmpfs", flags, "mode=1777,size=67108864");
            }
            Namespaces.pin(d.resolve("ns"), kinds, config.hostname(), config.sysctls());
            if (sandbox.ownNetwork()) {
                List<String> ips = network.attach(id, networkNamespace(id).toString(), config.portMappings());
                sandbox = sandbox.with(true, List.copyOf(ips));
            }
            cgroups.limitPids(sandbox.cgroup(), sandbox.pidsLimit());
            save(sandbox);
            return id;
        } catch (IOException | RuntimeException e) {
            undo(id, e);
            cgroups.removeIfEmpty(sandbox.cgroup());
            throw new CriException("failed to create pod sandbox \"" + config.name() + "\": " + e.getMessage(), e);
        } finally {
            making.remove(id);
        }
    }

    /** For every user of the containers, whatever the umask. */
    private static void writeReadable(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Nodes.mode(file, 0644);
    }

    private void undo(String id, Exception cause) {
        try {
            network.detach(id);
            release(directory(id));
            Trees.delete(directory(id));
        } catch (IOException | RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    /** Frees network and namespaces; the sandbox's containers have ended. */
    void stop(String id) throws IOException {
        SandboxRecord s = all.get(id);
        if (s == null) {
            return;
        }
        if (s.ownNetwork()) {
            network.detach(id);
        }
        release(directory(id));
        if (s.ready()) {
            save(s.with(false, s.ips()));
        }
    }

    void remove(String id) throws IOException {
        stop(id);
        Trees.delete(directory(id));
        all.remove(id);
    }

    private static void release(Path d) throws IOException {
        Namespaces.unpin(d.resolve("ns"));
        Mounts.unmountIfMounted(d.resolve("shm"));
    }

    Optional<SandboxRecord> find(String id) {
        return Optional.ofNullable(all.get(id));
    }

    SandboxRecord get(String id) {
        return find(id).orElseThrow(() -> new CriException(
                CriException.Code.NOT_FOUND,
                "an error occurred when try to find sandbox: sandbox \"" + id + "\": not found"));
    }

    List<SandboxRecord> list() {
        return List.copyOf(all.values());
    }

    private void save(SandboxRecord s) throws IOException {
        Trees.write(directory(s.id()).resolve("sandbox.json"), s.json());
        all.put(s.id(), s);
    }

    /** Without any setting, a host network pod has the host's file. */
    private static String resolvConf(DnsConfig dns, boolean ownNetwork) throws IOException {
        if (dns.servers().isEmpty() && dns.searches().isEmpty() && dns.options().isEmpty()) {
            Path host = Path.of("/etc/resolv.conf");
            return Files.isReadable(host) && !ownNetwork ? Files.readString(host) : "";
        }
        StringBuilder s = new StringBuilder();
        if (!dns.searches().isEmpty()) {
            s.append("search ").append(String.join(" ", dns.searches())).append('\n');
        }
        dns.servers().forEach(server -> s.append("nameserver ").append(server).append('\n'));
        if (!dns.options().isEmpty()) {
            s.append("options ").append(String.join(" ", dns.options())).append('\n');
        }
        return s.toString();
    }
}
