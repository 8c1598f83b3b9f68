package dev.coracle.flowforge.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.flowforge.RunningFlowForge;
import dev.coracle.flowforge.RunningFlowForge.Answer;
import dev.coracle.flowforge.type.TaskTypes;
import dev.coracle.machinery.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The api-service as its clients meet it, over HTTP and on a real PostgreSQL. No worker runs. */
class ApiStoryTest {
    private static final String HELLO = "{\"type\":\"hash\",\"payload\":{\"text\":\"hello\"}}";

    private static RunningFlowForge flowforge;

    @BeforeAll
    static void start() throws Exception {
        flowforge = RunningFlowForge.start();
    }

    @AfterAll
    static void stop() throws Exception {
        flowforge.close();
    }

    @BeforeEach
    void empty() {
        flowforge.database().useHandle(h -> h.execute("truncate tasks"));
    }

    @Test
    void anUnknownTypeIsRefusedAndNothingIsQueued() throws Exception {
        Answer answer = flowforge.post("/api/tasks", "{\"type\":\"ehco\"}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text("error")).contains("unknown task type \"ehco\"");
        assertThat(answer.text("field")).isEqualTo("type");
        assertThat(answer.body().get("types")).isEqualTo(TaskTypes.names());
        assertThat(flowforge.get("/api/tasks").body().get("items")).isEqualTo(List.of());
    }

    @Test
    void aMalformedPayloadIsRefusedWithTheFieldThatIsWrong() throws Exception {
        Answer answer = flowforge.post("/api/tasks", "{\"type\":\"http\",\"payload\":{\"url\":\"gopher://x\"}}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text("field")).isEqualTo("payload.url");
        assertThat(flowforge
                        .post("/api/tasks", "{\"type\":\"echo\",\"payload\":{\"a\":\"\\u0000\"}}")
                        .status())
                .isEqualTo(400);
        assertThat(flowforge.post("/api/tasks", "").status()).isEqualTo(400);
    }

    @Test
    void aRepeatedRequestIsAnsweredWithTheFirstTask() throws Exception {
        Answer first = flowforge.post("/api/tasks", HELLO, "Idempotency-Key", "order-1");
        Answer again = flowforge.post(
                "/api/tasks",
                "{\"payload\":{\"text\":\"hello\"}, \"type\":\"hash\",\"priority\":0,\"idempotencyKey\":\"order-1\"}");

        assertThat(first.status()).isEqualTo(201);
        assertThat(again.status()).as("the same in other words").isEqualTo(200);
        assertThat(again.text("id")).isEqualTo(first.text("id"));
        assertThat(again.whole().headers().firstValue("Location")).contains("/api/tasks/" + first.text("id"));
        assertThat(again.whole().headers().firstValue("Idempotent-Replayed")).contains("true");
    }

    @Test
    void aKeyThatIsUsedForAnotherRequestIsRefused() throws Exception {
        Answer first = flowforge.post("/api/tasks", HELLO, "Idempotency-Key", "order-2");
        for (String other : List.of(
                "{\"type\":\"hash\",\"payload\":{\"text\":\"bye\"}}",
                "{\"type\":\"uppercase\",\"payload\":{\"text\":\"hello\"}}",
                "{\"type\":\"hash\",\"payload\":{\"text\":\"hello\"},\"delaySeconds\":60}")) {
            Answer answer = flowforge.post("/api/tasks", other, "Idempotency-Key", "order-2");

            assertThat(answer.status()).as(other).isEqualTo(422);
            assertThat(answer.text("error")).contains("used before for another request");
            assertThat(answer.text("task")).isEqualTo(first.text("id"));
        }
        assertThat(flowforge.get("/api/tasks").body().get("items"))
                .asInstanceOf(list())
                .hasSize(1);
    }

    @Test
    void ofTwentyThatPostTheSameAtOnceOneIsFirst() throws Exception {
        List<Integer> codes = new ArrayList<>();
        Set<String> ids = new TreeSet<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(20)) {
            Callable<Answer> post = () -> flowforge.post("/api/tasks", HELLO, "Idempotency-Key", "crowd");
            for (Future<Answer> answer : clients.invokeAll(java.util.Collections.nCopies(20, post))) {
                codes.add(answer.get().status());
                ids.add(answer.get().text("id"));
            }
        }
        assertThat(ids).hasSize(1);
        assertThat(codes).containsOnlyOnce(201).containsOnly(200, 201);
    }

    @Test
    void theInterfaceIsListedWithoutAKey() throws Exception {
        Answer answer = flowforge.send("GET", "/api", "");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.whole().body())
                .contains("/api/tasks/{id}/retry", "\"method\":\"POST\"", "payload", "SHA-384")
                .contains("curl -H \\\"X-API-Key: $API_KEY\\\"", flowforge.url() + "/api/tasks");
        assertThat(answer.body().get("taskTypes"))
                .asInstanceOf(list())
                .hasSize(TaskTypes.all().size());
    }

    @Test
    void programsAreToldTheSamePathsAsPeople() throws Exception {
        Map<String, Object> openApi = flowforge.send("GET", "/openapi.json", "").body();
        Set<String> forPrograms = new TreeSet<>(((Map<String, ?>) paths(openApi)).keySet());
        Set<String> forPeople = new TreeSet<>();
        for (Object path : (List<?>) flowforge.get("/api").body().getOrDefault("paths", List.of())) {
            forPeople.add(String.valueOf(((Map<?, ?>) path).get("path")));
        }
        forPeople.remove("/");

        assertThat(forPrograms).isEqualTo(forPeople);
        assertThat(Json.string(openApi)).contains("\"enum\":" + Json.string(TaskTypes.names()));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, ?> paths(Map<String, Object> openApi) {
        return (Map<String, ?>) openApi.getOrDefault("paths", Map.of());
    }

    @Test
    void whatIsNotThereAndWhoHasNoKeyIsToldSoInJson() throws Exception {
        assertThat(flowforge.send("GET", "/api/tasks", "").status()).isEqualTo(401);
        assertThat(flowforge.send("GET", "/api/tasks", "", "X-API-Key", "kez").status())
                .isEqualTo(401);
        assertThat(flowforge.get("/api/tusks").status()).isEqualTo(404);
        assertThat(flowforge.get("/api/tusks").text("error")).contains("no such path");
        assertThat(flowforge.get("/api/tasks?status=done").text("error")).startsWith("status: must be one of queued");
        assertThat(flowforge.get("/api/tasks?type=ehco").status()).isEqualTo(400);
        assertThat(flowforge.get("/api/tasks?limit=0").text("field")).isEqualTo("limit");
        assertThat(flowforge.get("/api/tasks/7").status()).isEqualTo(400);
    }

    @Test
    void aMethodThatAPathDoesNotTakeIsRefusedWithThoseItTakes() throws Exception {
        assertThat(flowforge.send("PUT", "/api/tasks", "{}").whole().headers().firstValue("Allow"))
                .hasValueSatisfying(allow -> assertThat(allow.split(", ")).containsExactlyInAnyOrder("GET", "POST"));
        for (Object path : (List<?>) flowforge.get("/api").body().getOrDefault("paths", List.of())) {
            String at = String.valueOf(((Map<?, ?>) path).get("path")).replace("{id}", "x");
            RunningFlowForge.Answer answer = flowforge.send("PATCH", at, "{}");
            assertThat(answer.status()).as(at).isEqualTo(405);
            assertThat(answer.text("error")).as(at).startsWith("this path takes ");
        }
    }

    @Test
    void theNextPageKeepsTheFilters() throws Exception {
        flowforge.post("/api/tasks", HELLO);
        flowforge.post("/api/tasks", HELLO);

        String next =
                flowforge.get("/api/tasks?limit=1&status=queued&type=hash").text("next");

        assertThat(next).isEqualTo("/api/tasks?limit=1&offset=1&status=queued&type=hash");
        assertThat(flowforge.get(next).body().get("items")).asInstanceOf(list()).hasSize(1);
    }

    @Test
    void prometheusIsToldOfRequestsByRouteAndOfTheQueueByType() throws Exception {
        String id = flowforge.post("/api/tasks", HELLO).text("id");
        flowforge.get("/api/tasks/" + id);
        flowforge.send("BREW", "/api/tasks", "");
        flowforge.get("/no/such/path");

        String metrics = flowforge.text(flowforge.url() + "/metrics");

        assertThat(metrics)
                .contains("# TYPE flowforge_http_request_duration_seconds histogram")
                .contains(
                        "flowforge_http_request_duration_seconds_bucket{method=\"POST\",route=\"/api/tasks\",status=\"201\",le=\"0.001\"}")
                .contains("method=\"GET\",route=\"/api/tasks/{id}\",status=\"200\"")
                .contains("method=\"other\",route=\"none\",status=\"405\"")
                .contains("method=\"GET\",route=\"none\",status=\"404\"")
                .doesNotContain(id, "/no/such/path", "BREW")
                .contains("flowforge_queue_up 1.0")
                .contains("flowforge_queue_tasks{status=\"queued\",type=\"hash\"} 1.0")
                .contains("flowforge_queue_tasks{status=\"dead\",type=\"echo\"} 0.0")
                .containsPattern("flowforge_queue_oldest_wait_seconds\\{type=\"hash\"} 0\\.\\d*[1-9]");
        assertThat(flowforge.send("GET", "/metrics", "").whole().headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
    }

    private static org.assertj.core.api.InstanceOfAssertFactory<List<?>, org.assertj.core.api.ListAssert<Object>>
            list() {
        return (org.assertj.core.api.InstanceOfAssertFactory) org.assertj.core.api.InstanceOfAssertFactories.LIST;
    }
}
