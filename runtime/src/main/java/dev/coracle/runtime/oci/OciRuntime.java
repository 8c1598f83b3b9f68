package dev.coracle.runtime.oci;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.os.Mounts;
import dev.coracle.machinery.os.Namespaces;
import dev.coracle.machinery.os.Processes;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.PodNetwork;
import dev.coracle.runtime.RuntimeService;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Containers of one node, isolated by runc and supervised by conmon.
 *
 * <p>{@link #close} leaves all containers running, so that a restarted kubelet goes on with them;
 * {@link #destroyAll} ends and removes everything, also what an earlier process left.
 */
public final class OciRuntime implements RuntimeService, AutoCloseable {
    /** How soon an end is seen that conmon does not tell of. */
    static final Duration LOOK_PERIOD = Duration.ofSeconds(10);

    /** How soon what belongs to nobody is removed. */
    static final Duration SWEEP_PERIOD = Duration.ofMinutes(5);

    private final OciRuntimeConfig config;
    private final Environment environment;
    private final String cgroupRoot;
    private final Cgroups cgroups = new Cgroups();
    private final Listeners listeners = new Listeners();
    private final Sandboxes sandboxes;
    private final Containers containers;
    private final Streams streams;
    private boolean started;
    private @Nullable WatchService watch;
    private Tasks.@Nullable Task watcher;
    private List<Timers.Timer> rounds = List.of();

    public OciRuntime(OciRuntimeConfig config, OciImageStore images, PodNetwork network, Environment environment) {
        this.config = config;
        this.environment = environment;
        // Two clusters may have nodes of one name; their state directories differ.
        String hash = Digests.of(config.stateDir().toString().getBytes(StandardCharsets.UTF_8))
                .substring(7, 15);
        this.cgroupRoot = "/coracle/" + config.nodeName() + "-" + hash;
        Programs programs = new Programs(environment, config.patience());
        OciProgram program = new OciProgram(config, programs);
        this.sandboxes = new Sandboxes(config.stateDir(), cgroupRoot, cgroups, network, environment);
        this.containers = new Containers(config, images, program, sandboxes, cgroups, listeners, environment);
        this.streams = new Streams(program, programs);
    }

    /** Finds again what an earlier process left and watches for exits. Any call does this first if it was not done. */
    public synchronized void start() {
        if (started) {
            return;
        }
        Optional<String> missing = SystemRequirements.missing();
        if (missing.isPresent()) {
            throw new CriException(missing.get());
        }
        try {
            Trees.privateDirectory(config.stateDir());
            Path exits = Files.createDirectories(config.stateDir().resolve("exits"));
            WatchService w = exits.getFileSystem().newWatchService();
            // Before the first look, or an exit in between would be missed.
            exits.register(w, StandardWatchEventKinds.ENTRY_CREATE);
            watch = w;
            sandboxes.load();
            containers.load();
            sweep();
            watcher = environment.tasks().start("container-exits", () -> watchExits(w));
            rounds = List.of(
                    environment.timers().every(LOOK_PERIOD, this::look),
                    environment.timers().every(SWEEP_PERIOD, () -> attempt(this::sweep)));
            started = true;
        } catch (IOException e) {
            throw new CriException("container runtime: " + e.getMessage(), e);
        }
    }

    private void look() {
        // On tasks of their own: one that does not end must not keep the others waiting.
        containers.list().forEach(c -> environment.tasks().start("container-look", c::look));
    }

    private void sweep() throws IOException {
        // In this order: a pod's cgroup goes when its containers' are gone.
        containers.sweep(cgroupRoot);
        sandboxes.sweep();
    }

    private void watchExits(WatchService w) {
        try {
            while (true) {
                WatchKey key = w.take();
                for (WatchEvent<?> event : key.pollEvents()) {
                    if (event.context() instanceof Path name) {
                        noteExit(containers.find(name.toString()));
                    } else {
                        containers.list().forEach(c -> noteExit(Optional.of(c)));
                    }
                }
                key.reset();
            }
        } catch (ClosedWatchServiceException | InterruptedException e) {
            // close() asked for it.
        }
    }

    private void noteExit(Optional<Container> container) {
        // On a task of its own: a container that is being started holds its lock until the start is through.
        container.ifPresent(c -> environment.tasks().start("container-exit", c::noteExit));
    }

    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    @FunctionalInterface
    private interface Question<T> {
        T ask() throws IOException;
    }

    private static void attempt(Work work) {
        answer(() -> {
            work.run();
            return true;
        });
    }

    private static <T> T answer(Question<T> question) {
        try {
            return question.ask();
        } catch (IOException e) {
            throw new CriException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public String runPodSandbox(PodSandboxConfig c) {
        start();
        return answer(() -> {
            String id = sandboxes.run(c);
            if (c.pid() == NamespaceMode.POD) {
                try {
                    containers.startPause(id);
                } catch (IOException | RuntimeException e) {
                    removePodSandbox(id);
                    throw e;
                }
            }
            return id;
        });
    }

    @Override
    public void stopPodSandbox(String sandboxId) {
        start();
        attempt(() -> {
            for (Container c : containers.of(sandboxId)) {
                c.kill();
            }
            sandboxes.stop(sandboxId);
        });
    }

    @Override
    public void removePodSandbox(String sandboxId) {
        start();
        attempt(() -> {
            for (Container c : containers.of(sandboxId)) {
                containers.remove(c.record().id());
            }
            Optional<SandboxRecord> sandbox = sandboxes.find(sandboxId);
            sandboxes.remove(sandboxId);
            sandbox.ifPresent(s -> cgroups.remove(s.cgroup()));
        });
    }

    @Override
    public Optional<PodSandbox> podSandboxStatus(String sandboxId) {
        start();
        return sandboxes.find(sandboxId).map(this::status);
    }

    private PodSandbox status(SandboxRecord s) {
        // Without its first process a process namespace takes no others: then the sandbox is to be made anew.
        SandboxRecord seen = s.ready() && !containers.hasNamespaces(s) ? s.with(false, s.ips()) : s;
        return seen.status(sandboxes.networkNamespace(s.id()).toString());
    }

    @Override
    public List<PodSandbox> listPodSandbox() {
        start();
        return sandboxes.list().stream().map(this::status).toList();
    }

    @Override
    public String createContainer(String sandboxId, ContainerConfig c) {
        start();
        return answer(() -> containers.create(sandboxId, c));
    }

    @Override
    public void startContainer(String containerId) {
        start();
        attempt(containers.get(containerId)::start);
    }

    @Override
    public void stopContainer(String containerId, Duration timeout) {
        start();
        Optional<Container> container = containers.find(containerId);
        if (container.isPresent()) {
            attempt(() -> {
                try {
                    container.get().stop(timeout);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new CriException("interrupted", e);
                }
            });
        }
    }

    @Override
    public void removeContainer(String containerId) {
        start();
        attempt(() -> containers.remove(containerId));
    }

    @Override
    public List<ContainerStatus> listContainers() {
        start();
        return containers.list().stream()
                .map(Container::record)
                .filter(r -> !PauseContainer.is(r))
                .map(ContainerRecord::status)
                .toList();
    }

    @Override
    public Optional<ContainerStatus> containerStatus(String containerId) {
        start();
        return containers.find(containerId).map(c -> c.record().status());
    }

    @Override
    public ExecResult execSync(String containerId, List<String> command, Duration timeout) {
        return answer(() -> streams.execSync(running(containerId), command, timeout));
    }

    @Override
    public ExecSession exec(String containerId, List<String> command, boolean tty, boolean stdin) {
        return answer(() -> streams.exec(running(containerId), command, tty, stdin));
    }

    @Override
    public ExecSession attach(String containerId, boolean stdin) {
        return answer(() -> streams.attach(running(containerId), stdin));
    }

    private Container running(String containerId) {
        start();
        Container c = containers.get(containerId);
        if (c.record().progress().state() != ContainerState.RUNNING) {
            throw new CriException(
                    "container is in " + "CONTAINER_" + c.record().progress().state() + " state");
        }
        return c;
    }

    @Override
    public Connection portForward(String sandboxId, int port) {
        start();
        SandboxRecord s = sandboxes.get(sandboxId);
        return answer(() -> new SocketConnection(
                s.ownNetwork()
                        ? Namespaces.callInNetwork(sandboxes.networkNamespace(sandboxId), () -> connect(port))
                        : connect(port)));
    }

    /** IPv4 first, as upstream does, then IPv6. */
    private static Socket connect(int port) throws IOException {
        try {
            return new Socket("127.0.0.1", port);
        } catch (ConnectException e) {
            try {
                return new Socket("::1", port);
            } catch (IOException second) {
                throw new ConnectException("dial tcp4 127.0.0.1:" + port + ": connect: connection refused");
            }
        }
    }

    private record SocketConnection(Socket socket) implements Connection {
        @Override
        public InputStream in() {
            return answer(socket::getInputStream);
        }

        /** Closing it tells the other side that nothing more comes; what it still has to say arrives. */
        @Override
        public OutputStream out() {
            return new java.io.FilterOutputStream(answer(socket::getOutputStream)) {
                @Override
                public void write(byte[] b, int offset, int length) throws IOException {
                    out.write(b, offset, length);
                }

                @Override
                public void close() throws IOException {
                    if (!socket.isClosed()) {
                        socket.shutdownOutput();
                    }
                }
            };
        }

        @Override
        public void close() {
            attempt(socket::close);
        }
    }

    @Override
    public void updateContainerResources(String containerId, ContainerResources resources) {
        start();
        attempt(() -> containers.get(containerId).update(resources));
    }

    @Override
    public ContainerStats containerStats(String containerId) {
        start();
        return cgroups.stats(containers.get(containerId).record().cgroup());
    }

    @Override
    public AutoCloseable containerEvents(ContainerListener listener) {
        return listeners.add(listener);
    }

    /** Stops watching. Containers run on. */
    @Override
    public synchronized void close() {
        rounds.forEach(Timers.Timer::cancel);
        rounds = List.of();
        if (watch != null) {
            WatchService w = watch;
            attempt(w::close);
            watch = null;
        }
        if (watcher != null) {
            try {
                watcher.join(Duration.ofSeconds(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            watcher = null;
        }
        started = false;
    }

    /** Ends every container of this state directory and removes all: mounts, namespaces, cgroups, files. */
    public void destroyAll() {
        start();
        for (SandboxRecord s : sandboxes.list()) {
            try {
                removePodSandbox(s.id());
            } catch (CriException e) {
                // What is left is swept below.
                System.getLogger("coracle.runtime").log(System.Logger.Level.WARNING, "sandbox " + s.id(), e);
            }
        }
        attempt(() -> {
            for (long pid : cgroups.processes(cgroupRoot)) {
                Processes.kill(pid, Processes.SIGKILL);
            }
            close();
            for (Path mount : Mounts.under(config.stateDir())) {
                Mounts.unmountIfMounted(mount);
            }
            cgroups.remove(cgroupRoot);
            cgroups.removeIfEmpty("/coracle");
            Trees.delete(config.stateDir());
        });
    }
}
