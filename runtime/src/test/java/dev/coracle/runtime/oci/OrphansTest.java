package dev.coracle.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.machinery.os.Mounts;
import dev.coracle.machinery.os.Namespaces;
import dev.coracle.machinery.os.Processes;
import dev.coracle.runtime.RuntimeService.ContainerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What belongs to no container and no sandbox is removed, and nothing else is. */
class OrphansTest {
    private static final String NOBODY = "f".repeat(64);

    @TempDir
    Path dir;

    private TestNode node;
    private String sandbox;
    private String running;

    @BeforeEach
    void start() throws IOException {
        node = new TestNode(dir);
        sandbox = node.sandbox("lives");
        running = node.run(sandbox, "sleep", "1000");
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        if (node != null) {
            node.closeAndFindNothing();
        }
    }

    /** Files and directories of the node, but for containers' own file systems, and its mounts. */
    private Set<String> all() throws IOException {
        Set<String> found = new TreeSet<>(node.cgroups());
        Mounts.under(dir.resolve("node")).forEach(m -> found.add("mount " + m));
        for (String part : List.of("containers", "sandboxes", "exits", "runc")) {
            try (Stream<Path> files = Files.list(dir.resolve("node").resolve(part))) {
                files.forEach(f -> found.add(f.toString()));
            }
        }
        return found;
    }

    private void plant() throws IOException {
        Path container = Files.createDirectories(node.containerDir(NOBODY).resolve("rootfs"));
        Mounts.mount("tmpfs", container, "tmpfs", 0, "");
        Files.writeString(dir.resolve("node/exits/" + NOBODY), "0");
        Files.writeString(dir.resolve("node/exits/" + NOBODY + ".ABC123"), "");
        Files.createDirectories(dir.resolve("node/runc/" + NOBODY));
        Path pod = Files.createDirectories(dir.resolve("node/sandboxes/" + NOBODY + "/shm"));
        Mounts.mount("shm", pod, "tmpfs", 0, "");
        Namespaces.pin(pod.resolveSibling("ns"), Set.of(Namespaces.Kind.NET, Namespaces.Kind.UTS), "nobody", Map.of());
        new Cgroups().limitPids(cgroupRoot() + "/podgone/" + NOBODY, 10);
    }

    private String cgroupRoot() throws IOException {
        for (String name : node.cgroups()) {
            if (name.startsWith("test-")) {
                return "/coracle/" + name;
            }
        }
        throw new AssertionError("the node has no cgroup");
    }

    @Test
    void orphans_go_in_the_rounds_of_a_running_node() throws IOException {
        Set<String> before = all();
        plant();
        assertThat(all()).hasSizeGreaterThan(before.size() + 6);

        node.rounds.advance(OciRuntime.SWEEP_PERIOD);
        assertThat(all()).isEqualTo(before);
        assertThat(node.runtime.containerStatus(running).orElseThrow().state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void orphans_go_at_the_start() throws IOException {
        Set<String> before = all();
        node.runtime.close();
        plant();
        node.restart();
        assertThat(all()).isEqualTo(before);
        assertThat(node.runtime.containerStatus(running).orElseThrow().state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void a_container_without_a_record_is_ended_with_its_supervisor() throws IOException {
        Set<String> before = all();
        String lost = node.run(sandbox, "sleep", "1000");
        long pid = node.pid(lost);
        node.runtime.close();
        // Its directory is gone as a whole, as a disk that lost the last seconds leaves it.
        Mounts.unmountIfMounted(node.containerDir(lost).resolve("rootfs"));
        Trees.delete(node.containerDir(lost));

        node.restart();
        await().until(() -> Processes.startTime(pid) == 0);
        await().untilAsserted(() -> assertThat(node.processes())
                .allSatisfy(p -> assertThat(Processes.arguments(p)).doesNotContain(lost)));
        assertThat(all()).isEqualTo(before);
    }
}
