package dev.coracle.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.machinery.os.Processes;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.NamespaceMode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pod whose containers share one process namespace. */
class SharedProcessesTest {
    @TempDir
    Path dir;

    private TestNode node;
    private String sandbox = "";
    private String first = "";
    private String second = "";

    @BeforeEach
    void aPodOfTwo() throws IOException {
        node = new TestNode(dir);
        sandbox = node.sandbox("shared", Map.of(), 0, NamespaceMode.POD);
        first = node.run(sandbox, "sleep", "1000");
        second = node.run(sandbox, "sleep", "999");
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        if (node != null) {
            node.closeAndFindNothing();
        }
    }

    private String in(String container, String... command) {
        var result = node.runtime.execSync(container, List.of(command), Duration.ofSeconds(20));
        return new String(result.stdout(), StandardCharsets.UTF_8)
                + new String(result.stderr(), StandardCharsets.UTF_8);
    }

    private long pause() {
        return node.processes().stream()
                .flatMap(pid -> ProcessHandle.of(pid).stream())
                .flatMap(ProcessHandle::descendants)
                .map(ProcessHandle::pid)
                .filter(pid -> Processes.arguments(pid).contains("/busybox-pause"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void each_sees_the_others_processes_and_the_first_is_nobodys() {
        assertThat(in(first, "ps")).contains("/busybox-pause", "sleep 1000", "sleep 999");
        assertThat(node.runtime.listContainers()).extracting(c -> c.name()).containsExactly("main", "main");
        // Neither the host's files nor its end can be had through it.
        assertThat(in(first, "ls", "/proc/1/root/")).doesNotContain("etc", "home");
        in(first, "kill", "-9", "1");
        assertThat(node.runtime.podSandboxStatus(sandbox).orElseThrow().ready()).isTrue();
    }

    @Test
    void an_orphan_is_collected_when_it_ends() {
        in(first, "sh", "-c", "for i in 1 2 3; do (sleep 0.2 &) ; done");
        await().untilAsserted(() -> assertThat(in(second, "ps")).doesNotContain("sleep 0.2", "[sleep]"));
        assertThat(node.runtime.podSandboxStatus(sandbox).orElseThrow().ready()).isTrue();
    }

    @Test
    void one_that_ends_takes_no_other_along_and_the_next_process_of_the_node_adopts_all() throws Exception {
        node.runtime.stopContainer(second, Duration.ZERO);
        assertThat(node.exited(second).exitCode()).isEqualTo(137);
        node.restart();
        assertThat(node.runtime.podSandboxStatus(sandbox).orElseThrow().ready()).isTrue();
        assertThat(node.runtime.containerStatus(first).orElseThrow().state()).isEqualTo(ContainerState.RUNNING);
        String third = node.run(sandbox, "sleep", "998");
        assertThat(in(third, "ps")).contains("sleep 1000");
    }

    @Test
    void without_its_first_process_the_sandbox_is_not_ready() throws Exception {
        Processes.kill(pause(), Processes.SIGKILL);
        node.exited(first);
        node.exited(second);
        await().untilAsserted(() -> assertThat(
                        node.runtime.podSandboxStatus(sandbox).orElseThrow().ready())
                .isFalse());
        assertThatThrownBy(() -> node.run(sandbox, "true"))
                .isInstanceOf(CriException.class)
                .hasMessageContaining("the process namespace of sandbox");
        assertThat(Files.exists(dir.resolve("node"))).isTrue();
    }
}
