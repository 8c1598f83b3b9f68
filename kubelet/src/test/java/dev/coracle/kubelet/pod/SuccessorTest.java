package dev.coracle.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The scheduler sends another pod to the place of one as soon as it reads that this has ended: by then the node must have
 * room for it.
 */
class SuccessorTest {
    private static final String POD = """
            {"metadata": {"name": "%1$s", "namespace": "default", "uid": "%1$s"}, "spec": {"restartPolicy": "Never",
             "containers": [{"name": "main", "image": "i", "ports": [{"containerPort": 80, "hostPort": 80}],
              "resources": {"requests": {"cpu": "3"}}}]}}""";

    @TempDir
    Path dir;

    private final List<String> ends = new ArrayList<>();

    private PodStage stage() {
        var stage = new PodStage(dir, POD.formatted("first"));
        Unstructured successor = Unstructured.parse(POD.formatted("second"));
        stage.onStatus = status -> {
            if (List.of("Succeeded", "Failed").contains(status.string("phase"))) {
                ends.add(status.string("phase"));
                assertThat(stage.hasSandbox()).as("its host port is free").isFalse();
                assertThat(stage.admission.admit(successor)).isEmpty();
                stage.admission.release("second");
            }
        };
        stage.sync();
        assertThat(stage.pod().string("status", "phase")).isEqualTo("Running");
        assertThat(stage.admission.admit(successor))
                .as("for two there is no room")
                .isPresent();
        return stage;
    }

    @Test
    void aPodThatIsDeletedHasMadeRoomWhenItsEndIsTold() {
        var stage = stage();
        stage.change(stage.pod()
                .set("2026-01-01T00:00:00Z", "metadata", "deletionTimestamp")
                .set(30L, "metadata", "deletionGracePeriodSeconds"));
        stage.sync();
        stage.sync();
        assertThat(ends).isNotEmpty();
    }

    @Test
    void soHasOneThatEndsByItself() {
        var stage = stage();
        stage.end("main", 0);
        stage.sync();
        assertThat(ends).contains("Succeeded");
    }
}
