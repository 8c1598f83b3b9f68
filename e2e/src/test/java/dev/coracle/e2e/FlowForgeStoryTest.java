package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.e2e.harness.DemoCluster;
import dev.coracle.e2e.harness.FlowForge;
import dev.coracle.e2e.harness.Shell;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The main job: a task goes in through the front door and comes out done. */
@ExtendWith(DemoCluster.class)
class FlowForgeStoryTest {
    @Test
    void aTaskPostedOverHttpsIsDoneByAWorkerAndReadBack(FlowForge flowforge) {
        String id = flowforge.add("hash", "{\"text\":\"hello\"}");

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(flowforge.task(id).string("status")).isEqualTo("succeeded"));
        // The SHA-256 of "hello" is known: the work was really done.
        assertThat(flowforge.get("/api/tasks/" + id).body())
                .contains("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    }

    @Test
    void theCurlThatUpPrintedWorksAsPrinted(FlowForge flowforge) {
        var added = Shell.run(Map.of(), "", List.of("sh", "-c", flowforge.curl("add a task") + " -fsS"));
        var seen = Shell.run(Map.of(), "", List.of("sh", "-c", flowforge.curl("see it done") + " -fsS"));

        assertThat(added.ok()).contains("\"id\"");
        assertThat(seen.ok()).contains("\"hash\"");
    }

    @Test
    void whoHasNoKeyIsTurnedAway(FlowForge flowforge) {
        assertThat(flowforge
                        .ask("GET", "/api/tasks?x=1", "", Map.of("X-API-Key", "wrong"))
                        .status())
                .isEqualTo(401);
    }
}
