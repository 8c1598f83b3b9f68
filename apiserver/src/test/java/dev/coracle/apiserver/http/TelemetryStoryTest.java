package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.telemetry.WorkQueues;
import dev.coracle.client.LoopMetrics;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the server tells of itself. */
class TelemetryStoryTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private SecureServer server;
    private SecureServer.Caller admin;

    @BeforeEach
    void start() throws Exception {
        server = new SecureServer();
        admin = server.admin();
    }

    @AfterEach
    void stop() {
        admin.close();
        server.close();
    }

    private List<String> lines(String... words) throws Exception {
        return admin.get("/metrics")
                .body()
                .lines()
                .filter(l -> !l.startsWith("#") && List.of(words).stream().allMatch(l::contains))
                .toList();
    }

    @Test
    void requestsAreCountedByWhatTheyAreForAndHowTheyEnd() throws Exception {
        admin.post(MAPS, "{\"metadata\":{\"name\":\"a\"}}");
        admin.post(MAPS, "{\"metadata\":{\"name\":\"a\"}}");
        admin.get(MAPS);
        admin.get(MAPS + "/none");
        assertThat(lines("apiserver_request_total", "configmaps"))
                .contains(
                        "apiserver_request_total{code=\"201\",component=\"apiserver\",dry_run=\"\",group=\"\","
                                + "resource=\"configmaps\",scope=\"namespace\",subresource=\"\",verb=\"POST\","
                                + "version=\"v1\"} 1.0",
                        "apiserver_request_total{code=\"404\",component=\"apiserver\",dry_run=\"\",group=\"\","
                                + "resource=\"configmaps\",scope=\"resource\",subresource=\"\",verb=\"GET\","
                                + "version=\"v1\"} 1.0")
                .anyMatch(l -> l.contains("code=\"409\""))
                .anyMatch(l -> l.contains("verb=\"LIST\""));
        assertThat(lines("apiserver_request_duration_seconds_bucket", "verb=\"POST\"", "le=\"60.0\""))
                .anyMatch(l -> l.endsWith(" 2"));
        assertThat(lines("apiserver_storage_objects{resource=\"configmaps\"}")).hasSize(1);
        assertThat(lines("apiserver_resource_objects{group=\"apps\",resource=\"deployments\"} 0.0"))
                .hasSize(1);
        // A request counts until its thread is done, a little longer than until its answer is there.
        assertThat(lines("apiserver_current_inflight_requests{request_kind=\"readOnly\"} "))
                .as("this one, and perhaps the one before")
                .singleElement()
                .satisfies(l -> assertThat(Double.parseDouble(l.substring(l.lastIndexOf(' '))))
                        .isBetween(1.0, 2.0));
    }

    @Test
    void aNameThatSomebodyMakesUpIsKeptNowhere() throws Exception {
        admin.get("/apis/made.up/v1/things");
        admin.get("/api/v1/namespaces/default/pods/a/madeup");
        admin.get("/made/up");
        assertThat(admin.get("/metrics").body()).doesNotContain("made");
    }

    @Test
    void onlyWhoMayReadsThem() throws Exception {
        try (SecureServer.Caller sam = server.caller("CN=sam")) {
            assertThat(sam.get("/metrics").statusCode()).isEqualTo(403);
        }
    }

    @Test
    void loopsAreToldByTheirNames() throws Exception {
        LoopMetrics deployments = new LoopMetrics(
                "deployment",
                3,
                10,
                2,
                7,
                Duration.ofSeconds(2),
                6,
                Duration.ofMillis(500),
                Duration.ZERO,
                Duration.ZERO);
        server.server.telemetry().add(new WorkQueues(() -> List.of(deployments, deployments)));
        assertThat(lines("workqueue", "name=\"deployment\""))
                .contains(
                        "workqueue_depth{name=\"deployment\"} 3.0",
                        "workqueue_adds_total{name=\"deployment\"} 10.0",
                        "workqueue_retries_total{name=\"deployment\"} 2.0",
                        "workqueue_work_duration_seconds_count{name=\"deployment\"} 6",
                        "workqueue_work_duration_seconds_sum{name=\"deployment\"} 0.5");
    }
}
