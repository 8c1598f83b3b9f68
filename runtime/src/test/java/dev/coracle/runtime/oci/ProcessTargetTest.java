package dev.coracle.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService.ContainerConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A container that looks at the processes of one other. */
class ProcessTargetTest {
    @TempDir
    Path dir;

    private TestNode node;
    private String sandbox = "";
    private String target = "";

    @BeforeEach
    void aPod() throws IOException {
        node = new TestNode(dir);
        sandbox = node.sandbox("looked-at");
        target = node.run(sandbox, "sleep", "1000");
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        if (node != null) {
            node.closeAndFindNothing();
        }
    }

    private String run(String sandboxId, String pidTarget, String... command) {
        ContainerConfig c = TestNode.container(0, false, Map.of(), command);
        String id = node.runtime.createContainer(sandboxId, TestNode.among(c, pidTarget));
        node.runtime.startContainer(id);
        return id;
    }

    private String in(String container, String... command) {
        var result = node.runtime.execSync(container, List.of(command), Duration.ofSeconds(20));
        return new String(result.stdout(), StandardCharsets.UTF_8);
    }

    @Test
    void it_sees_them_and_its_end_is_not_theirs() {
        String other = node.run(sandbox, "sleep", "999");
        String debugger = run(sandbox, target, "sleep", "998");
        assertThat(in(debugger, "ps")).contains("sleep 1000", "sleep 998").doesNotContain("sleep 999");
        assertThat(in(debugger, "ls", "/proc/1/root/bin")).contains("busybox");
        node.runtime.stopContainer(debugger, Duration.ZERO);
        node.exited(debugger);
        assertThat(in(target, "ps")).contains("sleep 1000").doesNotContain("sleep 998");
        assertThat(in(other, "ps")).doesNotContain("sleep 1000");
    }

    @Test
    void one_that_is_not_there_or_of_another_pod_is_no_target() throws Exception {
        String elsewhere = node.sandbox("elsewhere");
        for (String bad : List.of("nonesuch", "../" + target)) {
            assertThatThrownBy(() -> run(sandbox, bad, "true"))
                    .isInstanceOf(CriException.class)
                    .hasMessageContaining("target container \"" + bad + "\" is not running");
        }
        assertThatThrownBy(() -> run(elsewhere, target, "true")).hasMessageContaining("is not running in sandbox");
        node.runtime.stopContainer(target, Duration.ZERO);
        node.exited(target);
        assertThatThrownBy(() -> run(sandbox, target, "true")).hasMessageContaining("is not running");
    }
}
