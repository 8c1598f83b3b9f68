package dev.coracle.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody looks into a pod with a container that the pod was not made with. */
class EphemeralContainerTest {
    private static final String POD = """
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "default", "uid": "u1"},
             "spec": {"restartPolicy": "%s", "terminationGracePeriodSeconds": 1,
                      "containers": [{"name": "main", "image": "i"}]}}""";

    @TempDir
    Path dir;

    private static void look(PodStage stage, String name, String target) {
        stage.change(stage.pod()
                .add(
                        Unstructured.parse("{\"name\": \"" + name + "\", \"image\": \"i\", \"targetContainerName\": \""
                                + target + "\"}"),
                        "spec",
                        "ephemeralContainers"));
    }

    private static Unstructured ephemeral(Unstructured status) {
        assertThat(status.objects("ephemeralContainerStatuses")).hasSize(1);
        return status.objects("ephemeralContainerStatuses").getFirst();
    }

    @Test
    void it_starts_in_the_running_pod_and_never_again() {
        PodStage stage = new PodStage(dir, POD.formatted("Always"));
        stage.sync();
        look(stage, "debugger", "main");
        Unstructured status = ephemeral(stage.sync());
        assertThat(status.has("state", "running")).isTrue();
        assertThat(status.bool("ready")).isFalse();
        assertThat(stage.targets).containsEntry("debugger", "main-0").containsEntry("main", "");
        assertThat(stage.events).contains("spec.ephemeralContainers{debugger} Normal Started: Container started");
        assertThat(stage.latest("main").attempt()).isZero();

        stage.end("debugger", 1);
        stage.sync();
        stage.world.advance(Duration.ofMinutes(10));
        Unstructured after = stage.sync();
        assertThat(ephemeral(after).integer(0, "state", "terminated", "exitCode"))
                .isEqualTo(1);
        assertThat(ephemeral(after).integer(7, "restartCount")).isZero();
        assertThat(after.string("phase")).isEqualTo("Running");
        assertThat(stage.runs.keySet()).containsExactly("main-0", "debugger-0");
    }

    @Test
    void it_runs_beside_a_container_that_crashes() {
        PodStage stage = new PodStage(dir, POD.formatted("Always"));
        stage.sync();
        stage.end("main", 1);
        stage.sync();
        look(stage, "debugger", "");
        assertThat(ephemeral(stage.sync()).has("state", "running")).isTrue();
    }

    @Test
    void a_target_that_never_was_is_told() {
        PodStage stage = new PodStage(
                dir,
                POD.formatted("Always")
                        .replace(
                                "\"containers\"",
                                "\"initContainers\": [{\"name\": \"first\", \"image\": \"i\"}], \"containers\""));
        stage.sync();
        look(stage, "debugger", "main");
        Unstructured waiting = ephemeral(stage.sync()).object("state", "waiting");
        assertThat(waiting.string("reason")).isEqualTo("CreateContainerConfigError");
        assertThat(waiting.string("message")).isEqualTo("unable to find target container main");
        stage.end("first", 0);
        stage.sync();
        stage.world.advance(Duration.ofSeconds(11));
        assertThat(ephemeral(stage.sync()).has("state", "running")).isTrue();
    }

    @Test
    void it_holds_no_pod_back_that_has_done_its_work_and_goes_with_one_that_is_deleted() {
        PodStage done = new PodStage(dir, POD.formatted("Never"));
        done.sync();
        look(done, "debugger", "");
        done.sync();
        done.end("main", 0);
        done.sync();
        assertThat(done.sync().string("phase")).isEqualTo("Succeeded");
        assertThat(ephemeral(done.sync()).has("state", "terminated")).isTrue();

        PodStage deleted = new PodStage(dir, POD.formatted("Always"));
        deleted.sync();
        look(deleted, "debugger", "");
        deleted.sync();
        deleted.change(deleted.pod()
                .set("2026-01-01T00:01:00Z", "metadata", "deletionTimestamp")
                .set(1, "metadata", "deletionGracePeriodSeconds"));
        deleted.sync();
        assertThat(List.of("main", "debugger")).allMatch(c -> deleted.latest(c).finishedAtNanos() > 0);
    }
}
