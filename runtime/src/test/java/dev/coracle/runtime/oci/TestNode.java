package dev.coracle.runtime.oci;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.runtime.PodNetwork;
import dev.coracle.runtime.RuntimeService;
import dev.coracle.runtime.RuntimeService.ContainerConfig;
import dev.coracle.runtime.RuntimeService.DnsConfig;
import dev.coracle.runtime.RuntimeService.NamespaceMode;
import dev.coracle.runtime.RuntimeService.PodSandboxConfig;
import dev.coracle.runtime.RuntimeService.SecurityContext;
import dev.coracle.runtime.oci.build.BaseImage;
import dev.coracle.runtime.oci.build.ImageBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A node with one image, whose pods have loopback only. */
final class TestNode implements AutoCloseable {
    static final String IMAGE = "coracle/busybox:test";

    final Path dir;
    final SystemEnvironment environment = new SystemEnvironment((name, e) -> e.printStackTrace());
    final OciImageStore images;
    final OciRuntime runtime;

    TestNode(Path dir) throws IOException {
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
        this.runtime = new OciRuntime(
                new OciRuntimeConfig(dir.resolve("node"), "test"), images, new Loopback(), environment.environment());
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
        return runtime.runPodSandbox(new PodSandboxConfig(
                "default",
                name,
                name + "-uid",
                0,
                name,
                dir.resolve("logs").toString(),
                new DnsConfig(List.of("10.96.0.10"), List.of("default.svc.cluster.local"), List.of("ndots:5")),
                NamespaceMode.POD,
                NamespaceMode.CONTAINER,
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
                false,
                100,
                0,
                0,
                memory,
                1000,
                new SecurityContext(false, null, null, List.of(), false, false, List.of(), List.of(), false),
                Map.of(),
                Map.of());
    }

    @Override
    public void close() {
        runtime.destroyAll();
        images.close();
        environment.close();
    }
}
