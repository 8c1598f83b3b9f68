package dev.coracle.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.kubelet.probe.Prober;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which container an event is about, and how a pod with init containers and a sidecar shows. */
class ContainerEventsTest {
    @TempDir
    Path dir;

    private static final String POD = """
            {"apiVersion": "v1", "kind": "Pod",
             "metadata": {"name": "p", "namespace": "default", "uid": "u1"},
             "spec": {"restartPolicy": "%s",
               "initContainers": [{"name": "first", "image": "i"},
                                  {"name": "side", "image": "i", "restartPolicy": "Always"}],
               "containers": [{"name": "main", "image": "i",
                 "readinessProbe": {"exec": {"command": ["ready"]}}}]}}""";

    private static Unstructured initialized(Unstructured status) {
        return status.objects("conditions").stream()
                .filter(c -> c.string("type").equals("Initialized"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void each_container_has_its_own_events() {
        PodStage stage = new PodStage(dir, POD.formatted("Always"));
        stage.prober = question -> new Prober.Answer(false, "not yet");
        stage.sync();
        stage.end("first", 0);
        stage.sync();
        stage.sync();
        stage.sync();
        stage.world.advance(Duration.ofSeconds(1));
        String pulled =
                " Normal Pulled: Container image \"i\" already present on machine and can be accessed by the pod";
        assertThat(stage.events)
                .containsSubsequence(
                        "spec.initContainers{first}" + pulled,
                        "spec.initContainers{first} Normal Created: Container created",
                        "spec.initContainers{first} Normal Started: Container started",
                        "spec.initContainers{side}" + pulled,
                        "spec.containers{main}" + pulled,
                        "spec.containers{main} Warning Unhealthy: Readiness probe failed: not yet");
        stage.change(stage.pod()
                .set("2026-01-01T00:01:00Z", "metadata", "deletionTimestamp")
                .set(1, "metadata", "deletionGracePeriodSeconds"));
        stage.sync();
        assertThat(stage.events).contains("spec.containers{main} Normal Killing: Stopping container main");
    }

    /** After a machine's restart the runtime has no containers of pods that are over. */
    @Test
    void what_was_told_of_a_pod_that_is_over_stays_told_without_its_containers() {
        PodStage stage = new PodStage(dir, POD.formatted("Never"));
        stage.sync();
        stage.end("first", 1);
        Unstructured over = stage.sync();
        assertThat(over.string("phase")).isEqualTo("Failed");
        Unstructured told = stage.status("first");
        stage.runs.clear();
        stage.sync();
        assertThat(stage.status("first")).isEqualTo(told);
        assertThat(stage.status("first").integer(0, "state", "terminated", "exitCode"))
                .isEqualTo(1);
        assertThat(stage.runs).isEmpty();
    }

    @Test
    void an_init_container_that_crashes_counts_its_restarts() {
        PodStage stage = new PodStage(dir, POD.formatted("Always"));
        stage.sync();
        for (int restarts = 1; restarts < 4; restarts++) {
            stage.end("first", 1);
            stage.world.advance(Duration.ofMinutes(6));
            stage.sync();
            assertThat(stage.status("first").integer(0, "restartCount")).isEqualTo(restarts);
        }
        Unstructured condition = initialized(stage.sync());
        assertThat(condition.string("status")).isEqualTo("False");
        assertThat(condition.string("message")).isEqualTo("containers with incomplete status: [first side]");
    }

    @Test
    void a_pod_that_was_initialized_stays_so_when_it_fails() {
        PodStage stage = new PodStage(dir, POD.formatted("Never"));
        stage.sync();
        stage.end("first", 0);
        stage.sync();
        stage.sync();
        assertThat(initialized(stage.sync()).string("status")).isEqualTo("True");
        stage.end("main", 3);
        stage.sync();
        Unstructured status = stage.sync();
        assertThat(status.string("phase")).isEqualTo("Failed");
        assertThat(initialized(status).string("status")).isEqualTo("True");
    }
}
