package dev.coracle.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.machinery.os.Processes;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService.ContainerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that never end cost the container they were called for, and are killed. */
class HungProgramTest {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final String SLEEP = "trap '' TERM INT HUP; while :; do sleep 1000; done";

    @TempDir
    Path dir;

    private TestNode node;

    /** While this is there, what is planted hangs. */
    private Path hang() {
        return dir.resolve("hang");
    }

    /** @param when a shell condition on the arguments */
    private String planted(String name, String when, String hanging) throws IOException {
        Files.writeString(hang(), "");
        return TestNode.program(
                dir.resolve(name),
                "if [ -e " + hang() + " ] && " + when + "; then touch " + dir.resolve("hangs") + "; " + hanging
                        + "; fi\nexec " + Programs.find(name).orElseThrow() + " \"$@\"");
    }

    private void start(String runc, String conmon) throws IOException {
        node = new TestNode(dir, new OciRuntimeConfig(dir.resolve("node"), "test", runc, conmon, PATIENCE));
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        if (node != null) {
            Files.deleteIfExists(hang());
            node.closeAndFindNothing();
        }
    }

    private static String among(String word) {
        return "case \" $* \" in *' " + word + " '*) true;; *) false;; esac";
    }

    private String create(String sandbox) {
        return node.runtime.createContainer(sandbox, TestNode.container(0, false, Map.of(), "sleep", "1000"));
    }

    private void failsToStart(String id, String program) {
        assertThatThrownBy(() -> node.runtime.startContainer(id))
                .isInstanceOf(CriException.class)
                .hasMessageContaining(program + " did not end within 2.0 s and was killed")
                .hasMessageContaining("dmesg");
        var status = node.runtime.containerStatus(id).orElseThrow();
        assertThat(status.state()).isEqualTo(ContainerState.EXITED);
        assertThat(status.exitCode()).isEqualTo(128);
        assertThat(status.reason()).isEqualTo("StartError");
        await().untilAsserted(() -> assertThat(node.processes()).isEmpty());
    }

    @Test
    void a_conmon_that_never_answers_is_killed() throws IOException {
        start("", planted("conmon", "true", SLEEP));
        failsToStart(create(node.sandbox("silent")), "conmon");
    }

    @Test
    void a_conmon_that_goes_to_the_background_and_never_answers_is_killed() throws IOException {
        start("", planted("conmon", "true", "setsid sh -c \"" + SLEEP + "\" \"$0\" \"$@\" & exit 0"));
        failsToStart(create(node.sandbox("silent")), "conmon");
    }

    @Test
    void a_runc_that_never_creates_is_killed() throws IOException {
        start(planted("runc", among("create"), SLEEP), "conmon");
        failsToStart(create(node.sandbox("uncreated")), "conmon");
    }

    @Test
    void a_runc_that_never_starts_is_killed_and_so_is_what_it_has_made() throws IOException {
        start(planted("runc", among("start"), SLEEP), "conmon");
        String id = create(node.sandbox("unstarted"));
        failsToStart(id, "runc start");
        assertThat(dir.resolve("node/runc/" + id)).doesNotExist();
    }

    @Test
    void a_runc_that_never_deletes_keeps_no_pod() throws IOException {
        start(planted("runc", among("delete"), SLEEP), "conmon");
        String sandbox = node.sandbox("undeleted");
        String id = node.run(sandbox, "sleep", "1000");
        long pid = node.pid(id);
        node.runtime.removePodSandbox(sandbox);
        assertThat(node.runtime.listContainers()).isEmpty();
        assertThat(Processes.startTime(pid)).isZero();
        assertThat(dir.resolve("node/runc/" + id)).doesNotExist();
    }

    @Test
    void a_runc_that_never_lists_keeps_no_node_from_its_start() throws IOException {
        start(planted("runc", among("list"), SLEEP), "conmon");
        String id = node.run(node.sandbox("unlisted"), "sleep", "1000");
        node.runtime.close();
        node.runtime.start();
        assertThat(node.runtime.containerStatus(id).orElseThrow().state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void a_hung_exec_is_killed_when_its_time_is_over() throws IOException {
        start(planted("runc", among("exec"), SLEEP), "conmon");
        String id = node.run(node.sandbox("probed"), "sleep", "1000");
        assertThatThrownBy(() -> node.runtime.execSync(id, java.util.List.of("true"), Duration.ofMillis(300)))
                .hasMessageContaining("context deadline exceeded");
        await().untilAsserted(() -> assertThat(node.processes())
                .allSatisfy(pid -> assertThat(Processes.arguments(pid)).doesNotContain("exec")));
    }

    @Test
    void meanwhile_the_node_goes_on() throws Exception {
        start("", planted("conmon", "true", SLEEP));
        String stuck = create(node.sandbox("stuck"));
        CompletableFuture<Boolean> started = new CompletableFuture<>();
        node.environment.environment().tasks().start("stuck", () -> {
            try {
                node.runtime.startContainer(stuck);
                started.complete(true);
            } catch (CriException e) {
                started.complete(false);
            }
        });
        await().until(() -> Files.exists(dir.resolve("hangs")));
        Files.delete(hang());

        String neighbour = node.run(node.sandbox("neighbour"), "sleep", "1000");
        assertThat(node.runtime.containerStatus(neighbour).orElseThrow().state())
                .isEqualTo(ContainerState.RUNNING);
        node.rounds.advance(OciRuntime.LOOK_PERIOD);
        node.runtime.stopContainer(neighbour, Duration.ZERO);
        assertThat(node.exited(neighbour).exitCode()).isEqualTo(137);
        assertThat(started.get()).isFalse();
    }
}
