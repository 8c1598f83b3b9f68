package dev.coracle.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.ExecResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that run after a container's start, and what becomes of it when they fail. */
class LifecycleHookTest {
    @TempDir
    Path dir;

    private PodStage stage(String policy) {
        PodStage stage = new PodStage(dir, """
                {"apiVersion": "v1", "kind": "Pod",
                 "metadata": {"name": "p", "namespace": "default", "uid": "u1"},
                 "spec": {"restartPolicy": "%s", "terminationGracePeriodSeconds": 7, "containers": [
                   {"name": "main", "image": "i",
                    "livenessProbe": {"exec": {"command": ["alive"]}, "terminationGracePeriodSeconds": 1},
                    "lifecycle": {"postStart": {"exec": {"command": ["sh", "-c", "exit 4"]}}}},
                   {"name": "other", "image": "i"}]}}""".formatted(policy));
        stage.inside = (id, command) -> new ExecResult(new byte[0], "no\n".getBytes(StandardCharsets.UTF_8), 4);
        return stage;
    }

    @Test
    void a_container_whose_hook_fails_is_killed_and_restarted_with_a_wait_and_never_ready() {
        PodStage stage = stage("Always");
        stage.sync();
        Unstructured status = stage.sync();
        assertThat(stage.latest("main").state()).isEqualTo(ContainerState.EXITED);
        // The probe's own grace is for probes.
        assertThat(stage.graces).containsExactly(Duration.ofSeconds(7));
        assertThat(stage.events)
                .contains(
                        "spec.containers{main} Warning FailedPostStartHook: PostStartHook failed",
                        "spec.containers{main} Normal Killing: FailedPostStartHook");
        assertThat(stage.status("main").bool("ready")).isFalse();
        assertThat(stage.status("main").bool("started")).isFalse();
        assertThat(status.objects("conditions"))
                .filteredOn(c -> c.string("type").equals("Ready"))
                .singleElement()
                .matches(c -> c.string("status").equals("False"));

        // At once the first time; then the failure shows, and then the wait.
        stage.sync();
        assertThat(stage.latest("main").attempt()).isEqualTo(1);
        stage.sync();
        stage.sync();
        Unstructured waiting = stage.status("main");
        assertThat(waiting.string("state", "waiting", "reason")).isEqualTo("PostStartHookError");
        assertThat(waiting.string("state", "waiting", "message"))
                .isEqualTo("Exec lifecycle hook ([sh -c exit 4]) for Container \"main\" in Pod \"p_default(u1)\" failed"
                        + " - error: command 'sh -c exit 4' exited with 4: no\n, message: \"no\\n\"");
        assertThat(waiting.integer(0, "lastState", "terminated", "exitCode")).isEqualTo(143);
        stage.world.advance(Duration.ofSeconds(3));
        stage.sync();
        assertThat(stage.status("main").string("state", "waiting", "reason")).isEqualTo("CrashLoopBackOff");
        assertThat(stage.status("main").integer(0, "restartCount")).isEqualTo(1);
        stage.world.advance(Duration.ofSeconds(10));
        stage.sync();
        assertThat(stage.latest("main").attempt()).isEqualTo(2);
        assertThat(stage.latest("other").attempt()).isZero();
    }

    @Test
    void one_that_is_not_to_be_restarted_stays_ended() {
        PodStage stage = stage("Never");
        stage.sync();
        stage.sync();
        stage.sync();
        assertThat(stage.status("main").integer(0, "state", "terminated", "exitCode"))
                .isEqualTo(143);
        assertThat(stage.latest("main").attempt()).isZero();
        assertThat(stage.latest("other").state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void a_hook_that_succeeds_makes_the_container_ready() {
        PodStage stage = stage("Always");
        stage.inside = (id, command) -> new ExecResult(new byte[0], new byte[0], 0);
        stage.sync();
        stage.sync();
        assertThat(stage.status("main").bool("ready")).isTrue();
        assertThat(stage.graces).isEmpty();
    }

    @Test
    void a_hook_that_outlives_its_run_costs_the_next_one_nothing() {
        PodStage stage = stage("Always");
        stage.inside = (id, command) -> {
            if (id.equals("main-0")) {
                // Its container ends while it runs, and the next one is there before it is through.
                stage.end("main", 1);
                stage.sync();
            }
            return new ExecResult(new byte[0], new byte[0], id.equals("main-0") ? 4 : 0);
        };
        stage.sync();
        stage.sync();
        stage.sync();
        assertThat(stage.latest("main").attempt()).isEqualTo(1);
        assertThat(stage.latest("main").state()).isEqualTo(ContainerState.RUNNING);
        assertThat(stage.status("main").bool("ready")).isTrue();
    }
}
