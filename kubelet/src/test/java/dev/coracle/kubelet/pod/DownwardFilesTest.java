package dev.coracle.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.machinery.os.Mounts;
import dev.coracle.machinery.os.Processes;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files in which a pod reads its own labels and annotations follow them. */
class DownwardFilesTest {
    @TempDir
    Path dir;

    @AfterEach
    void nothingStaysMounted() throws IOException {
        for (Path mount : Mounts.under(dir)) {
            Mounts.unmountIfMounted(mount);
        }
    }

    @Test
    void when_they_are_changed() {
        assumeTrue(Processes.uid() == 0, "mounting needs root");
        String items = "[{\"path\": \"labels\", \"fieldRef\": {\"fieldPath\": \"metadata.labels\"}},"
                + " {\"path\": \"notes\", \"fieldRef\": {\"fieldPath\": \"metadata.annotations\"}}]";
        PodStage stage = new PodStage(dir, """
                {"apiVersion": "v1", "kind": "Pod",
                 "metadata": {"name": "p", "namespace": "default", "uid": "u1",
                              "labels": {"k": "old"}, "annotations": {"builder": "bar"}},
                 "spec": {"containers": [{"name": "main", "image": "i"}], "volumes": [
                   {"name": "own", "downwardAPI": {"items": %s}},
                   {"name": "mixed", "projected": {"sources": [{"downwardAPI": {"items": %s}}]}}]}}""".formatted(items, items));
        stage.sync();
        Path own = dir.resolve("pods/u1/volumes/kubernetes.io~downward-api/own");
        Path mixed = dir.resolve("pods/u1/volumes/kubernetes.io~projected/mixed");
        assertThat(own.resolve("labels")).hasContent("k=\"old\"");

        stage.change(stage.pod().set("new", "metadata", "labels", "k"));
        stage.sync();
        assertThat(own.resolve("labels")).hasContent("k=\"new\"");
        assertThat(mixed.resolve("labels")).hasContent("k=\"new\"");

        stage.change(stage.pod().set("foo", "metadata", "annotations", "builder"));
        stage.sync();
        assertThat(own.resolve("notes")).hasContent("builder=\"foo\"");
        assertThat(mixed.resolve("notes")).hasContent("builder=\"foo\"");
    }
}
