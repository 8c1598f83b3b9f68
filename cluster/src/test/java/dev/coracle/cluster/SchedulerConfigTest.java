package dev.coracle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.scheduler.KubeSchedulerConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchedulerConfigTest {
    private static final String HEAD = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";

    @TempDir
    Path dir;

    private Path file(String rest) throws IOException {
        return Files.writeString(dir.resolve("rules.yaml"), HEAD + rest);
    }

    @Test
    void whatWasGivenOnceHoldsForLaterStartsUntilItIsTakenBack() throws IOException {
        var paths = new ClusterPaths(dir.resolve("home"), "one");
        paths.makePrivate();
        assertThat(new SchedulerConfig(paths).read()).isEqualTo(KubeSchedulerConfiguration.DEFAULT);

        new SchedulerConfig(paths).keep(SchedulerConfig.check(file("podMaxBackoffSeconds: 99\n")));
        Files.delete(dir.resolve("rules.yaml"));
        assertThat(new SchedulerConfig(paths).read().lastBackoff()).isEqualTo(Duration.ofSeconds(99));

        new SchedulerConfig(paths).keep("");
        assertThat(new SchedulerConfig(paths).read()).isEqualTo(KubeSchedulerConfiguration.DEFAULT);
    }

    @Test
    void aFileThatNobodyUnderstandsIsRefusedByNameAndPath() throws IOException {
        Path wrong = file("profiles: [{plugin: {}}]\n");
        assertThatThrownBy(() -> SchedulerConfig.check(wrong))
                .hasMessage(wrong + ": strict decoding error: unknown field \"profiles[0].plugin\"");
        Path torn = file("profiles: [\n");
        assertThatThrownBy(() -> SchedulerConfig.check(torn)).hasMessageStartingWith(torn + ": yaml: ");
        Path absent = dir.resolve("absent.yaml");
        assertThatThrownBy(() -> SchedulerConfig.check(absent))
                .hasMessageContaining(absent + ": there is no such file");
    }
}
