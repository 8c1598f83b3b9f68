package dev.coracle.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.os.Mounts;
import dev.coracle.machinery.os.Nodes;
import dev.coracle.machinery.os.Processes;
import dev.coracle.runtime.PodNetwork;
import dev.coracle.runtime.RuntimeService;
import dev.coracle.runtime.RuntimeService.ContainerConfig;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import dev.coracle.runtime.RuntimeService.DnsConfig;
import dev.coracle.runtime.RuntimeService.NamespaceMode;
import dev.coracle.runtime.RuntimeService.PodSandboxConfig;
import dev.coracle.runtime.RuntimeService.SecurityContext;
import dev.coracle.runtime.oci.build.BaseImage;
import dev.coracle.runtime.oci.build.ImageBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A node with one image, whose pods have loopback only. */
final class TestNode implements AutoCloseable {
    static final String IMAGE = "coracle/busybox:test";

    final Path dir;
    final SystemEnvironment environment = new SystemEnvironment((name, e) -> e.printStackTrace());
    /** Its time moves when a test says so: the runtime's rounds come when they are wanted. */
    final VirtualEnvironment rounds = new VirtualEnvironment(1);

    final OciImageStore images;
    OciRuntime runtime;

    TestNode(Path dir) throws IOException {
        this(dir, new OciRuntimeConfig(dir.resolve("node"), "test"));
    }

    TestNode(Path dir, OciRuntimeConfig config) throws IOException {
        Optional<String> missing = SystemRequirements.missing();
        assumeTrue(missing.isEmpty(), () -> "real containers: " + missing.orElse(""));
        this.dir = dir;
        this.images = new OciImageStore(dir.resolve("images"), environment.environment());
        Path archive = dir.resolve("busybox.tar");
        if (!Files.exists(archive)) {
            new ImageBuilder(IMAGE)
                    .layer(BaseImage.busybox())
                    .env("FROM_IMAGE", "yes")
                    .command("sh")
                    .writeTo(archive);
            images.loadImage(archive);
        }
        this.runtime = open(config);
    }

    private OciRuntime open(OciRuntimeConfig config) {
        Environment real = environment.environment();
        return new OciRuntime(
                config,
                images,
                new Loopback(),
                new Environment(real.clock(), rounds.environment().timers(), real.tasks(), real.entropy()));
    }

    /** Another process takes over. */
    void restart() {
        runtime.close();
        runtime = open(new OciRuntimeConfig(dir.resolve("node"), "test"));
        runtime.start();
    }

    /** A program of this node's own, as a shell script. */
    static String program(Path file, String script) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Nodes.mode(file, 0755);
        return file.toString();
    }

    /** The processes that were called with something of this node's directory. */
    List<Long> processes() {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> Processes.arguments(pid).stream().anyMatch(a -> a.contains(dir.resolve("node") + "/")))
                .toList();
    }

    /** The names of this node's cgroups: of the root, of pods and of containers. */
    Set<String> cgroups() throws IOException {
        String hash = Digests.of(dir.resolve("node").toString().getBytes(StandardCharsets.UTF_8))
                .substring(7, 15);
        Set<String> found = new TreeSet<>();
        try (Stream<Path> top = Files.list(Path.of("/sys/fs/cgroup"))) {
            // The unified hierarchy's own, or one per controller.
            for (Path mine : Stream.concat(Stream.of(Path.of("/sys/fs/cgroup")), top)
                    .map(h -> h.resolve("coracle/test-" + hash))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> all = Files.walk(mine)) {
                    all.filter(Files::isDirectory)
                            .forEach(c -> found.add(c.getFileName().toString()));
                }
            }
        }
        return found;
    }

    /** The process that a container's first one is on the host. */
    long pid(String container) throws IOException {
        return Long.parseLong(
                Files.readString(containerDir(container).resolve("pid")).strip());
    }

    Path containerDir(String container) {
        return dir.resolve("node/containers/" + container);
    }

    ContainerStatus exited(String id) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> runtime.containerStatus(id).orElseThrow().state() == ContainerState.EXITED);
        return runtime.containerStatus(id).orElseThrow();
    }

    /** Removes all, and sees that nothing stays. */
    void closeAndFindNothing() throws IOException {
        close();
        assertThat(Mounts.under(dir)).isEmpty();
        assertThat(dir.resolve("node")).doesNotExist();
        await().untilAsserted(() ->
                assertThat(processes().stream().map(Processes::arguments)).isEmpty());
        assertThat(cgroups()).isEmpty();
    }

    private static final class Loopback implements PodNetwork {
        @Override
        public List<String> attach(String sandboxId, String namespacePath, List<RuntimeService.PortMapping> mappings) {
            return List.of("127.0.0.1");
        }

        @Override
        public void detach(String sandboxId) {}
    }

    String sandbox(String name) {
        return sandbox(name, Map.of(), 0);
    }

    String sandbox(String name, Map<String, String> sysctls, long pids) {
        return sandbox(name, sysctls, pids, NamespaceMode.CONTAINER);
    }

    String sandbox(String name, Map<String, String> sysctls, long pids, NamespaceMode processes) {
        return runtime.runPodSandbox(new PodSandboxConfig(
                "default",
                name,
                name + "-uid",
                0,
                name,
                dir.resolve("logs").toString(),
                new DnsConfig(List.of("10.96.0.10"), List.of("default.svc.cluster.local"), List.of("ndots:5")),
                NamespaceMode.POD,
                processes,
                NamespaceMode.POD,
                List.of(),
                sysctls,
                "",
                pids,
                Map.of("app", name),
                Map.of()));
    }

    String run(String sandbox, String... command) {
        return run(sandbox, 0, false, command);
    }

    String run(String sandbox, long memory, boolean stdin, String... command) {
        String id = runtime.createContainer(sandbox, container(memory, stdin, Map.of("GREETING", "hello"), command));
        runtime.startContainer(id);
        return id;
    }

    static ContainerConfig container(long memory, boolean stdin, Map<String, String> env, String... command) {
        return container(memory, stdin, false, env, command);
    }

    static ContainerConfig container(
            long memory, boolean stdin, boolean stdinOnce, Map<String, String> env, String... command) {
        return new ContainerConfig(
                "main",
                0,
                IMAGE,
                List.of(command),
                List.of(),
                "",
                env,
                List.of(),
                "main/0.log",
                stdin,
                stdinOnce,
                false,
                100,
                0,
                0,
                memory,
                1000,
                new SecurityContext(false, null, null, List.of(), false, false, List.of(), List.of(), false),
                Map.of(),
                Map.of(),
                "");
    }

    /** The same among the processes of another. */
    static ContainerConfig among(ContainerConfig c, String pidTarget) {
        return new ContainerConfig(
                "debugger",
                c.attempt(),
                c.image(),
                c.command(),
                c.args(),
                c.workingDir(),
                c.envs(),
                c.mounts(),
                "debugger/0.log",
                c.stdin(),
                c.stdinOnce(),
                c.tty(),
                c.cpuShares(),
                c.cpuQuota(),
                c.cpuPeriod(),
                c.memoryLimit(),
                c.oomScoreAdj(),
                c.security(),
                c.labels(),
                c.annotations(),
                pidTarget);
    }

    @Override
    public void close() {
        runtime.destroyAll();
        images.close();
        environment.close();
    }
}
