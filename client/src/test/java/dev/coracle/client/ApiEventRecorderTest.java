package dev.coracle.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ApiEventRecorderTest {
    private final VirtualEnvironment world = new VirtualEnvironment(11);
    private final ScriptedApi api = new ScriptedApi();
    private final EventRecorder recorder = new ApiEventRecorder(api, world.environment(), "kubelet", "node-1");
    private final Unstructured pod = Unstructured.of("v1", "Pod", "default", "web")
            .set("u-1", "metadata", "uid")
            .set("5", "metadata", "resourceVersion");

    @Test
    void anEventSaysWhatWhoAndWhen() {
        recorder.normal(pod, "Pulled", "Container image already present");
        world.settle();
        Unstructured e = api.all().getFirst();
        assertThat(e.name()).startsWith("web.");
        assertThat(e.object("involvedObject").map())
                .containsEntry("kind", "Pod")
                .containsEntry("uid", "u-1")
                .containsEntry("resourceVersion", "5");
        assertThat(e.string("type")).isEqualTo("Normal");
        assertThat(e.string("source", "component")).isEqualTo("kubelet");
        assertThat(e.string("source", "host")).isEqualTo("node-1");
        assertThat(e.integer(0, "count")).isEqualTo(1);
        assertThat(e.string("firstTimestamp")).isEqualTo("2026-01-01T00:00:00Z");
    }

    @Test
    void anObjectWithoutNamespaceHasItsEventsInDefault() {
        recorder.normal(Unstructured.of("v1", "Node", "", "node-1"), "Starting", "Starting kubelet.");
        world.settle();
        assertThat(api.all().getFirst().namespace()).isEqualTo("default");
    }

    @Test
    void equalEventsInQuickSuccessionAreOneWithACount() {
        recorder.warning(pod, "BackOff", "Back-off restarting failed container");
        recorder.warning(
                pod.copy().set("6", "metadata", "resourceVersion"), "BackOff", "Back-off restarting failed container");
        world.settle();
        assertThat(api.all()).hasSize(1);
        assertThat(api.all().getFirst().integer(0, "count")).isEqualTo(2);
    }

    @Test
    void aRepeatWhileTheFirstIsBeingWrittenIsNotLost() {
        api.onWrite = () -> {
            api.onWrite = () -> {};
            recorder.warning(pod, "BackOff", "again");
        };
        recorder.warning(pod, "BackOff", "again");
        world.settle();
        assertThat(api.calls).containsExactly("create", "patch");
        assertThat(api.all()).hasSize(1);
        assertThat(api.all().getFirst().integer(0, "count")).isEqualTo(2);
    }

    @Test
    void aLaterRepeatKeepsTheFirstTimeAndRaisesTheLast() {
        recorder.normal(pod, "Pulled", "m");
        world.settle();
        world.advance(Duration.ofMinutes(1));
        recorder.normal(pod, "Pulled", "m");
        world.settle();
        Unstructured e = api.all().getFirst();
        assertThat(e.string("firstTimestamp")).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(e.string("lastTimestamp")).isEqualTo("2026-01-01T00:01:00Z");
        assertThat(e.integer(0, "count")).isEqualTo(2);
    }

    @Test
    void differentEventsAtOneInstantHaveDifferentNames() {
        recorder.normal(pod, "Pulled", "m");
        recorder.normal(pod, "Created", "m");
        var other = new ApiEventRecorder(api, world.environment(), "scheduler", "");
        other.normal(pod, "Scheduled", "m");
        world.settle();
        assertThat(api.all())
                .extracting(e -> e.string("reason"))
                .containsExactlyInAnyOrder("Pulled", "Created", "Scheduled");
    }

    @Test
    void anEventThatExpiredIsWrittenAnewWithItsCount() {
        recorder.normal(pod, "Pulled", "m");
        world.settle();
        api.remove("default", api.all().getFirst().name());
        recorder.normal(pod, "Pulled", "m");
        world.settle();
        assertThat(api.all()).hasSize(1);
        assertThat(api.all().getFirst().integer(0, "count")).isEqualTo(2);
    }

    @Test
    void aRefusalReachesNoOneAndTheNextTryCounts() {
        api.failures.add(new StatusException(403, "Forbidden", "the namespace is being terminated"));
        recorder.normal(pod, "Pulled", "m");
        world.settle();
        assertThat(api.all()).isEmpty();
        api.failures.add(new UncheckedIOException(new IOException("reset")));
        recorder.normal(pod, "Pulled", "m");
        world.settle();
        recorder.normal(pod, "Pulled", "m");
        world.settle();
        assertThat(api.all().getFirst().integer(0, "count")).isEqualTo(3);
    }

    @Test
    void whatVariesByItsMessageOnlyBecomesOneEvent() {
        for (int i = 1; i <= 12; i++) {
            recorder.normal(pod, "SuccessfulCreate", "Created pod: web-" + i);
            world.settle();
        }
        assertThat(api.all()).hasSize(10);
        Unstructured combined = api.all().getLast();
        assertThat(combined.string("message")).isEqualTo("(combined from similar events): Created pod: web-12");
        assertThat(combined.integer(0, "count")).isEqualTo(3);

        recorder.normal(pod, "SuccessfulDelete", "Deleted pod: web-1");
        world.advance(Duration.ofMinutes(10).plusSeconds(1));
        recorder.normal(pod, "SuccessfulCreate", "Created pod: web-13");
        world.settle();
        assertThat(api.all()).extracting(e -> e.string("message")).endsWith("Created pod: web-13");
    }

    @Test
    void oneObjectMayBurstAndThenHasAnEventEachFiveMinutes() {
        Unstructured other = Unstructured.of("v1", "Pod", "default", "quiet");
        for (int i = 0; i < 1000; i++) {
            recorder.warning(pod, "BackOff", "again");
            world.settle();
        }
        assertThat(api.calls).hasSize(25);
        assertThat(api.all().getFirst().integer(0, "count")).isEqualTo(25);

        recorder.warning(other, "BackOff", "again");
        world.settle();
        assertThat(api.all()).as("others are not held back").hasSize(2);

        for (int minute = 0; minute < 60; minute++) {
            world.advance(Duration.ofMinutes(1));
            recorder.warning(pod, "BackOff", "again");
            world.settle();
        }
        assertThat(api.calls).hasSize(25 + 1 + 12);
        assertThat(api.all().getFirst().integer(0, "count"))
                .as("what was not written counts all the same")
                .isEqualTo(1060);
    }

    @Test
    void aFloodBeforeTheFirstIsWrittenIsFewWrites() {
        for (int i = 0; i < 10_000; i++) {
            recorder.warning(Unstructured.of("v1", "Pod", "default", "web-" + i % 20), "BackOff", "again");
        }
        world.settle();
        assertThat(api.calls).hasSize(20);
    }
}
