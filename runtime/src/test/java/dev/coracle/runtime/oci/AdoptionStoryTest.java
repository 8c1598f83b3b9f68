package dev.coracle.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.machinery.os.Processes;
import dev.coracle.runtime.RuntimeService.ContainerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node makes of containers whose process, supervisor or record was lost. */
class AdoptionStoryTest {
    @TempDir
    Path dir;

    private TestNode node;

    @AfterEach
    void nothingIsLeft() throws IOException {
        if (node != null) {
            node.closeAndFindNothing();
        }
    }

    private long conmon(String id) throws IOException {
        return Long.parseLong(
                Files.readString(node.containerDir(id).resolve("conmon.pid")).strip());
    }

    private static void kill(long pid) throws IOException {
        Processes.kill(pid, Processes.SIGKILL);
        await().until(() -> Processes.startTime(pid) == 0);
    }

    /** A look passes by a container whose state somebody is just changing. */
    private void lookUntilEnded(String id) {
        await().until(() -> {
            node.rounds.advance(OciRuntime.LOOK_PERIOD);
            return state(id) == ContainerState.EXITED;
        });
    }

    private ContainerState state(String id) {
        return node.runtime.containerStatus(id).orElseThrow().state();
    }

    @Test
    void a_container_that_was_made_but_never_started_is_not_taken_for_running() throws Exception {
        // The node is killed between "create" and "start": this runc only says that it has started it.
        String runc = TestNode.program(
                dir.resolve("forgetful-runc"),
                "for a in \"$@\"; do [ \"$a\" = start ] && exit 0; done; exec "
                        + Programs.find("runc").orElseThrow() + " \"$@\"");
        node = new TestNode(
                dir, new OciRuntimeConfig(dir.resolve("node"), "test", runc, "conmon", OciRuntimeConfig.PATIENCE));
        String sandbox = node.sandbox("half-made");
        String id = node.run(sandbox, "sleep", "1000");
        long waiting = node.pid(id);
        assertThat(state(id)).isEqualTo(ContainerState.RUNNING);

        node.restart();
        assertThat(state(id)).isEqualTo(ContainerState.CREATED);
        assertThat(Processes.startTime(waiting)).isZero();
        // What the kubelet does with it.
        node.runtime.removeContainer(id);
        assertThat(state(node.run(sandbox, "sleep", "1000"))).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void the_end_of_a_container_is_seen_without_its_supervisor() throws Exception {
        node = new TestNode(dir);
        String id = node.run(node.sandbox("unseen"), "sleep", "1000");
        String other = node.run(node.sandbox("other"), "sleep", "1000");
        kill(conmon(id));
        kill(node.pid(id));
        assertThat(state(id)).isEqualTo(ContainerState.RUNNING);

        lookUntilEnded(id);
        assertThat(node.exited(id).exitCode()).isEqualTo(255);
        assertThat(node.exited(id).reason()).isEqualTo("Unknown");
        assertThat(state(other)).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void an_exit_file_that_a_full_disk_left_empty_keeps_no_pod_running() throws Exception {
        node = new TestNode(dir);
        String id = node.run(node.sandbox("full"), "sleep", "1000");
        kill(conmon(id));
        kill(node.pid(id));
        Files.writeString(dir.resolve("node/exits/" + id), "");

        lookUntilEnded(id);
        assertThat(node.exited(id).exitCode()).isEqualTo(255);
    }

    @Test
    void a_supervisor_that_hangs_is_given_time_and_then_up() throws Exception {
        node = new TestNode(dir);
        String id = node.run(node.sandbox("stopped"), "sleep", "1000");
        long conmon = conmon(id);
        Processes.kill(conmon, Processes.signal("STOP"));
        kill(node.pid(id));

        node.rounds.advance(OciRuntime.LOOK_PERIOD);
        assertThat(state(id)).isEqualTo(ContainerState.RUNNING);
        lookUntilEnded(id);
        assertThat(node.exited(id).exitCode()).isEqualTo(255);
        await().until(() -> Processes.startTime(conmon) == 0);
    }

    @Test
    void a_container_whose_supervisor_died_is_ended_so_that_its_pod_gets_a_whole_one() throws Exception {
        node = new TestNode(dir);
        String id = node.run(node.sandbox("unwatched"), "sleep", "1000");
        long pid = node.pid(id);
        kill(conmon(id));

        lookUntilEnded(id);
        var status = node.exited(id);
        assertThat(status.exitCode()).isEqualTo(137);
        assertThat(status.reason()).isEqualTo("Error");
        assertThat(status.message()).contains("conmon");
        await().until(() -> Processes.startTime(pid) == 0);
    }

    @Test
    void stopping_a_container_without_supervisor_does_not_wait_for_it() throws Exception {
        node = new TestNode(dir);
        String id = node.run(node.sandbox("unwatched"), "sleep", "1000");
        kill(conmon(id));
        node.runtime.stopContainer(id, Duration.ZERO);
        assertThat(node.runtime.containerStatus(id).orElseThrow().exitCode()).isEqualTo(137);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"id\":\"", "no json at all", "[]", "{}", "{\"id\":7,\"state\":[],\"pid\":\"x\"}"})
    void a_damaged_record_costs_its_container_and_no_other(String damage) throws Exception {
        node = new TestNode(dir);
        String sandbox = node.sandbox("damaged");
        String id = node.run(sandbox, "sleep", "1000");
        String neighbour = node.run(sandbox, "sleep", "1000");
        long pid = node.pid(id);
        node.runtime.close();
        Files.writeString(node.containerDir(id).resolve("container.json"), damage);

        node.restart();
        assertThat(node.runtime.containerStatus(id)).isEmpty();
        assertThat(state(neighbour)).isEqualTo(ContainerState.RUNNING);
        await().until(() -> Processes.startTime(pid) == 0);
        assertThat(node.containerDir(id)).doesNotExist();
        assertThat(dir.resolve("node/runc/" + id)).doesNotExist();
        assertThat(node.cgroups()).doesNotContain(id).contains(neighbour);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"id\":", "[1]", "{\"network\":\"UNHEARD\"}"})
    void a_damaged_sandbox_costs_its_pod_and_no_other(String damage) throws Exception {
        node = new TestNode(dir);
        String sandbox = node.sandbox("damaged");
        String id = node.run(sandbox, "sleep", "1000");
        String whole = node.sandbox("whole");
        String neighbour = node.run(whole, "sleep", "1000");
        node.runtime.close();
        Files.writeString(dir.resolve("node/sandboxes/" + sandbox + "/sandbox.json"), damage);

        node.restart();
        assertThat(node.runtime.listPodSandbox()).singleElement().matches(s -> s.id().equals(whole));
        assertThat(node.runtime.containerStatus(id)).isEmpty();
        assertThat(state(neighbour)).isEqualTo(ContainerState.RUNNING);
        assertThat(dir.resolve("node/sandboxes/" + sandbox)).doesNotExist();
        assertThat(node.cgroups()).doesNotContain(id, "poddamaged-uid").contains(neighbour);
    }

    @Test
    void the_record_of_another_container_is_no_record() throws Exception {
        node = new TestNode(dir);
        String sandbox = node.sandbox("twins");
        String one = node.run(sandbox, "sleep", "1000");
        String two = node.runtime.createContainer(sandbox, TestNode.container(0, false, Map.of(), "true"));
        node.runtime.close();
        Files.copy(
                node.containerDir(one).resolve("container.json"),
                node.containerDir(two).resolve("container.json"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        node.restart();
        assertThat(node.runtime.listContainers()).singleElement().matches(c -> c.id().equals(one));
        assertThat(state(one)).isEqualTo(ContainerState.RUNNING);
    }
}
