package dev.coracle.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService.ContainerResources;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pod with one container on a node of four processors, and somebody who wants it to have more, or less. */
class PodResizeTest {
    private static final String POD = """
            {"apiVersion": "v1", "kind": "Pod",
             "metadata": {"name": "p", "namespace": "default", "uid": "u1", "generation": 1},
             "spec": {"terminationGracePeriodSeconds": 7, "restartPolicy": "Always", "containers": [
               {"name": "main", "image": "i",
                "resources": {"requests": {"cpu": "1", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}}]},
             "status": {"qosClass": "Burstable"}}""";

    @TempDir
    Path dir;

    private PodStage stage;

    @BeforeEach
    void start() {
        stage = new PodStage(dir, POD);
        stage.sync();
        stage.events.clear();
    }

    private void ask(String cpu, String limit) {
        Unstructured pod = stage.pod();
        pod.set(pod.generation() + 1, "metadata", "generation");
        Unstructured main = pod.objects("spec", "containers").getFirst();
        main.set(cpu, "resources", "requests", "cpu").set(limit, "resources", "limits", "memory");
        stage.change(pod);
    }

    private static Optional<Unstructured> condition(Unstructured status, String type) {
        return status.objects("conditions").stream()
                .filter(c -> c.string("type").equals(type))
                .findFirst();
    }

    private Unstructured other(String cpu) {
        return Unstructured.parse("""
                {"metadata": {"name": "o", "namespace": "default", "uid": "u2"}, "spec": {"containers": [
                  {"name": "c", "resources": {"requests": {"cpu": "%s"}}}]}}""".formatted(cpu));
    }

    @Test
    void its_status_says_what_it_was_promised_and_what_it_has() {
        Unstructured main = stage.status("main");
        assertThat(main.strings("allocatedResources")).isEqualTo(Map.of("cpu", "1", "memory", "64Mi"));
        assertThat(main.strings("resources", "requests")).isEqualTo(Map.of("cpu", "1", "memory", "64Mi"));
        assertThat(main.strings("resources", "limits")).isEqualTo(Map.of("memory", "128Mi"));
    }

    @Test
    void it_gets_more_while_it_runs() {
        List<Unstructured> told = new ArrayList<>();
        stage.onStatus = told::add;
        ask("2", "256Mi");
        Unstructured status = stage.sync();
        Unstructured first = condition(told.getFirst(), "PodResizeInProgress").orElseThrow();
        assertThat(first.string("status")).isEqualTo("True");
        assertThat(first.integer(0, "observedGeneration")).isEqualTo(2);
        assertThat(told.getFirst().objects("containerStatuses").getFirst().string("resources", "requests", "cpu"))
                .isEqualTo("1");
        assertThat(told.getFirst().objects("containerStatuses").getFirst().string("allocatedResources", "cpu"))
                .isEqualTo("2");

        assertThat(stage.updates)
                .containsExactly(Map.entry("main-0", new ContainerResources(2048, 0, 100_000, 256 << 20)));
        assertThat(condition(status, "PodResizeInProgress")).isEmpty();
        assertThat(status.integer(0, "observedGeneration")).isEqualTo(2);
        assertThat(stage.status("main").strings("resources", "requests")).containsEntry("cpu", "2");
        assertThat(stage.status("main").strings("resources", "limits")).containsEntry("memory", "256Mi");
        String amounts = "{\"containers\":[{\"name\":\"main\",\"resources\":{\"limits\":{\"memory\":\"256Mi\"},"
                + "\"requests\":{\"cpu\":\"2\",\"memory\":\"64Mi\"}}}],\"generation\":2}";
        assertThat(stage.events)
                .containsExactly(
                        " Normal ResizeStarted: Pod resize started: " + amounts,
                        " Normal ResizeCompleted: Pod resize completed: " + amounts);
        stage.sync();
        assertThat(stage.events).hasSize(2);
        assertThat(stage.runs).hasSize(1);
    }

    @Test
    void more_than_the_node_has_is_infeasible_until_it_asks_for_less() {
        ask("5", "128Mi");
        Unstructured pending = condition(stage.sync(), "PodResizePending").orElseThrow();
        assertThat(pending.string("reason")).isEqualTo("Infeasible");
        assertThat(pending.string("message"))
                .isEqualTo("Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000");
        assertThat(pending.integer(0, "observedGeneration")).isEqualTo(2);
        assertThat(stage.status("main").string("allocatedResources", "cpu")).isEqualTo("1");
        assertThat(stage.events)
                .singleElement()
                .asString()
                .startsWith(" Warning ResizeInfeasible: Pod resize Infeasible: {\"containers\"")
                .endsWith(",\"generation\":2,\"error\":\"Node didn't have enough capacity: cpu, requested: 5000,"
                        + " capacity: 4000\"}");
        stage.sync();
        assertThat(stage.events).hasSize(1);
        ask("1", "128Mi");
        assertThat(condition(stage.sync(), "PodResizePending")).isEmpty();
        assertThat(stage.updates).isEmpty();
    }

    @Test
    void what_another_has_is_waited_for() {
        stage.admission.readmit(other("2"));
        ask("3", "128Mi");
        Unstructured pending = condition(stage.sync(), "PodResizePending").orElseThrow();
        assertThat(pending.string("reason")).isEqualTo("Deferred");
        assertThat(pending.string("message"))
                .isEqualTo("Node didn't have enough resource: cpu, requested: 3000, used: 2000, capacity: 4000");
        assertThat(stage.updates).isEmpty();
        assertThat(stage.asked).isZero();

        stage.admission.release("u2");
        assertThat(stage.asked).as("who waits is told that another has gone").isEqualTo(1);
        Unstructured status = stage.sync();
        assertThat(condition(status, "PodResizePending")).isEmpty();
        assertThat(stage.updates.get("main-0").cpuShares()).isEqualTo(3072);
        assertThat(stage.events).hasSize(3);
    }

    @Test
    void a_container_whose_policy_says_so_begins_anew() {
        Unstructured pod = stage.pod();
        Unstructured main = pod.objects("spec", "containers").getFirst();
        main.add(Map.of("resourceName", "memory", "restartPolicy", "RestartContainer"), "resizePolicy");
        stage.change(pod);
        ask("2", "128Mi");
        stage.sync();
        assertThat(stage.updates).as("only cpu has changed").hasSize(1);

        ask("2", "256Mi");
        Unstructured status = stage.sync();
        assertThat(condition(status, "PodResizeInProgress")).isPresent();
        assertThat(stage.events)
                .contains("spec.containers{main} Normal Killing: Container main resize requires restart");
        assertThat(stage.graces).containsExactly(Duration.ofSeconds(7));
        status = stage.sync();
        assertThat(stage.latest("main").attempt()).isEqualTo(1);
        assertThat(condition(status, "PodResizeInProgress")).isEmpty();
        assertThat(stage.status("main").string("resources", "limits", "memory")).isEqualTo("256Mi");
        assertThat(stage.status("main").integer(0, "restartCount")).isEqualTo(1);
        assertThat(stage.events.getLast()).startsWith(" Normal ResizeCompleted");
        assertThat(stage.updates).hasSize(1);
    }

    @Test
    void it_begins_anew_also_where_only_failures_are_started_again() {
        Unstructured pod = stage.pod().set("OnFailure", "spec", "restartPolicy");
        pod.objects("spec", "containers")
                .getFirst()
                .add(Map.of("resourceName", "cpu", "restartPolicy", "RestartContainer"), "resizePolicy");
        stage.change(pod);
        ask("2", "128Mi");
        stage.sync();
        stage.end("main", 0);
        assertThat(stage.sync().string("phase")).isEqualTo("Running");
        assertThat(stage.latest("main").attempt()).isEqualTo(1);
    }

    @Test
    void a_sidecar_gets_more_too_and_an_init_container_that_is_through_has_it_promised() {
        stage = new PodStage(dir.resolve("other"), """
                {"apiVersion": "v1", "kind": "Pod",
                 "metadata": {"name": "s", "namespace": "default", "uid": "u3", "generation": 1},
                 "spec": {"initContainers": [
                   {"name": "first", "image": "i", "resources": {"requests": {"cpu": "1"}}},
                   {"name": "side", "image": "i", "restartPolicy": "Always", "resources": {"requests": {"cpu": "1"}}}],
                  "containers": [{"name": "main", "image": "i"}]}}""");
        stage.sync();
        stage.end("first", 0);
        stage.sync();
        stage.sync();
        Unstructured pod = stage.pod();
        pod.objects("spec", "initContainers").forEach(c -> c.set("2", "resources", "requests", "cpu"));
        stage.change(pod);
        stage.sync();
        assertThat(stage.updates.keySet()).containsExactly("side-0");
        assertThat(stage.status("side").string("resources", "requests", "cpu")).isEqualTo("2");
        assertThat(stage.status("first").string("allocatedResources", "cpu")).isEqualTo("2");
        assertThat(stage.status("main").has("resources"))
                .as("shows that this node can resize")
                .isTrue();
        assertThat(stage.latest("side").attempt()).isZero();
    }

    @Test
    void memory_that_is_in_use_is_not_taken_away() {
        stage.memoryUsage = 100 << 20;
        ask("1", "96Mi");
        Unstructured progress = condition(stage.sync(), "PodResizeInProgress").orElseThrow();
        assertThat(progress.string("reason")).isEqualTo("Error");
        assertThat(progress.string("message"))
                .isEqualTo(
                        "cannot decrease memory limits: attempting to set container \"main\" memory limit (100663296)"
                                + " below current usage (104857600)");
        assertThat(stage.events.getLast()).startsWith(" Warning ResizeError: Pod resize error: ");
        assertThat(stage.updates).isEmpty();
        stage.memoryUsage = 1 << 20;
        assertThat(condition(stage.sync(), "PodResizeInProgress")).isEmpty();
        assertThat(stage.updates.get("main-0").memoryLimit()).isEqualTo(96 << 20);
    }

    @Test
    void what_the_runtime_refuses_is_told_and_tried_again() {
        stage.updateFailure = "no cgroup";
        ask("2", "128Mi");
        Unstructured progress = condition(stage.sync(), "PodResizeInProgress").orElseThrow();
        assertThat(progress.string("message")).isEqualTo("no cgroup");
        assertThat(stage.status("main").string("resources", "requests", "cpu")).isEqualTo("1");
        stage.updateFailure = "";
        assertThat(condition(stage.sync(), "PodResizeInProgress")).isEmpty();
        assertThat(stage.status("main").string("resources", "requests", "cpu")).isEqualTo("2");
    }

    @Test
    void the_next_life_of_the_kubelet_knows_what_was_promised_and_what_was_given() {
        stage.updateFailure = "no cgroup";
        ask("2", "128Mi");
        stage.sync();
        stage.admission.readmit(other("2"));
        ask("4", "128Mi");
        stage.sync();
        stage.restartKubelet();
        stage.events.clear();
        Unstructured status = stage.sync();
        assertThat(condition(status, "PodResizePending").orElseThrow().string("reason"))
                .isEqualTo("Deferred");
        assertThat(stage.status("main").string("allocatedResources", "cpu")).isEqualTo("2");
        assertThat(stage.status("main").string("resources", "requests", "cpu")).isEqualTo("1");
        assertThat(stage.events).as("what was told is not told again").isEmpty();
        stage.updateFailure = "";
        stage.sync();
        assertThat(stage.updates.get("main-0").cpuShares()).isEqualTo(2048);
    }
}
