package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.e2e.harness.DemoCluster;
import dev.coracle.e2e.harness.FlowForge;
import dev.coracle.e2e.harness.Kubectl;
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

    @Test
    void theSameRequestTwiceIsOneTask(FlowForge flowforge) {
        String body = "{\"type\":\"echo\",\"idempotencyKey\":\"e2e-story\"}";

        var first = flowforge.post("/api/tasks", body);
        var again = flowforge.post("/api/tasks", body);

        assertThat(first.status()).isEqualTo(201);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json().string("id")).isEqualTo(first.json().string("id"));
    }

    @Test
    void anUnknownTypeIsRefusedAtTheDoor(FlowForge flowforge) {
        var answer = flowforge.post("/api/tasks", "{\"type\":\"ehco\"}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("unknown task type").contains("uppercase");
    }

    @Test
    void thePageComesThroughTheIngressAndTheMetricsDoNot(FlowForge flowforge) {
        var nobody = Map.of("X-API-Key", "");

        assertThat(flowforge.ask("GET", "/", "", nobody).body()).contains("<title>FlowForge</title>");
        assertThat(flowforge.ask("GET", "/page/app.js", "", nobody).status()).isEqualTo(200);
        assertThat(flowforge.ask("GET", "/api", "", nobody).body()).contains("https://flowforge.local/api/tasks");
        for (String inside :
                List.of("/metrics", "/ready", "/page/../metrics", "/api/../metrics", "/api/%2e%2e/metrics")) {
            assertThat(flowforge.ask("GET", inside, "", nobody).body())
                    .as(inside)
                    .doesNotContain("flowforge_http_request_duration_seconds")
                    .isNotEqualTo("ok");
        }
    }

    @Test
    void prometheusFindsBothServicesInsideTheCluster(FlowForge flowforge, Kubectl kubectl) {
        flowforge.add("hash", "{\"text\":\"measured\"}");

        for (String service : List.of("api-service", "worker-service")) {
            String pods = kubectl.ok("get", "pods", "-n", "flowforge", "-l", "app=" + service, "-o", "name");
            String pod = pods.lines().findFirst().orElseThrow().replace("pod/", "");
            assertThat(kubectl.ok("get", "--raw", "/api/v1/namespaces/flowforge/pods/" + pod + ":8080/proxy/metrics"))
                    .as(service)
                    .contains("flowforge_http_request_duration_seconds_bucket")
                    .contains(
                            service.equals("api-service")
                                    ? "flowforge_queue_tasks{"
                                    : "flowforge_task_duration_seconds");
        }
    }
}
