package dev.coracle.kubelet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may call, and what. */
@Timeout(30)
class KubeletServerTest {
    @TempDir
    Path directory;

    private ServerStage stage;

    @BeforeEach
    void serve() throws Exception {
        stage = new ServerStage(directory);
    }

    @AfterEach
    void close() {
        stage.close();
        assertThat(stage.uncaught).isEmpty();
    }

    @Test
    void healthAndPodsAreServed() throws Exception {
        var pods = Unstructured.parse(stage.get("/pods").body());

        assertThat(stage.get("/healthz").body()).isEqualTo("ok");
        assertThat(pods.kind()).isEqualTo("PodList");
        assertThat(pods.objects("items")).extracting(Unstructured::name).containsExactly("web-0");
    }

    @Test
    void whatContainersUseIsServedInBothForms() throws Exception {
        var summary = Unstructured.parse(stage.get("/stats/summary").body());
        assertThat(summary.string("node", "nodeName")).isEqualTo("node-1");
        var pod = summary.objects("pods").getFirst();
        assertThat(pod.string("podRef", "name")).isEqualTo("web-0");
        assertThat(pod.string("podRef", "uid")).isEqualTo("uid-1");
        assertThat(pod.integer(0, "memory", "workingSetBytes")).isEqualTo(2048);
        // Only what runs: the run before does not.
        assertThat(pod.objects("containers")).singleElement().satisfies(c -> {
            assertThat(c.string("name")).isEqualTo("app");
            assertThat(c.integer(0, "cpu", "usageCoreNanoSeconds")).isEqualTo(1_500_000_000);
            assertThat(c.time("startTime")).isPresent();
        });

        String labels = "{container=\"app\",namespace=\"default\",pod=\"web-0\"}";
        assertThat(stage.get("/metrics/resource").body().lines())
                .anyMatch(l -> l.startsWith("container_cpu_usage_seconds_total" + labels + " 1.5 "))
                .anyMatch(l -> l.startsWith("container_memory_working_set_bytes" + labels + " 2048 "))
                .anyMatch(l -> l.startsWith("pod_memory_working_set_bytes{namespace=\"default\",pod=\"web-0\"} 2048 "))
                .anyMatch(l -> l.startsWith("node_memory_working_set_bytes 2048 "))
                .contains("# TYPE container_start_time_seconds gauge", "resource_scrape_error 0");
        assertThat(stage.get("/stats/else").statusCode()).isEqualTo(404);
    }

    @Test
    void aCallerWithoutACertificateIsServedNothing() throws Exception {
        try (HttpClient nobody = stage.client(null)) {
            assertThatThrownBy(() -> nobody.send(health(), HttpResponse.BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aCertificateOfAnotherAuthorityIsServedNothing() throws Exception {
        TestPki other = new TestPki();
        // It trusts our server, but shows what another authority signed.
        try (HttpClient stranger = HttpClient.newBuilder()
                .sslContext(stage.pki.context(other.sign("O=system:masters,CN=admin")))
                .build()) {
            assertThatThrownBy(() -> stranger.send(health(), HttpResponse.BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aUserOfTheClusterMayNotCall() throws Exception {
        try (HttpClient user = stage.client("O=developers,CN=jane")) {
            var answer = user.send(health(), HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body())
                    .isEqualTo("Forbidden (user=jane, verb=get, resource=nodes, subresource(s)=[proxy])\n");
        }
    }

    @Test
    void theApiServersIdentityMayCallWhateverItsGroups() throws Exception {
        try (HttpClient apiServer = stage.client("CN=kube-apiserver-kubelet-client")) {
            assertThat(apiServer
                            .send(health(), HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    private HttpRequest health() {
        return HttpRequest.newBuilder(stage.uri("https", "/healthz")).build();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/nothing",
                "/healthz/",
                "/pods/x",
                "/containerLogs",
                "/containerLogs/default/web-0",
                "/containerLogs/default/web-0/app/more",
                "/containerLogs/default//app",
                "/exec/default/web-0",
                "/portForward/default",
                "/exec/default/web-0/another-uid/app",
                "/exec/default/web-1/app",
                "/portForward/other/web-0",
                "/containerLogs/default/web-0%2Fapp",
                "/containerLogs/../../etc/passwd"
            })
    void pathsThatLeadNowhereAre404(String path) throws Exception {
        assertThat(stage.get(path).statusCode()).isEqualTo(404);
    }

    @Test
    void otherMethodsAreRefused() throws Exception {
        var delete =
                HttpRequest.newBuilder(stage.uri("https", "/pods")).DELETE().build();

        assertThat(stage.client
                        .send(delete, HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(405);
    }

    @Test
    void aSessionWithoutUpgradeIsRefused() throws Exception {
        var answer = stage.get("/exec/default/web-0/app?command=id&output=1");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).isEqualTo("unable to upgrade: missing upgrade headers in request");
        assertThat(stage.runtime.sessions).isEmpty();
    }

    @Test
    void aTakenPortIsSaidAndNothingIsLeft() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            TestPki.Signed serving = stage.pki.sign("CN=node");
            KubeletServer second = new KubeletServer(
                    new ServerConfig(
                            "node-1",
                            "127.0.0.1",
                            taken.getLocalPort(),
                            serving.certificatePem(),
                            serving.keyPem(),
                            stage.pki.caPem()),
                    null,
                    stage.runtime,
                    stage.system.environment());

            assertThatThrownBy(second::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the kubelet cannot serve on 127.0.0.1:" + taken.getLocalPort());
        }
    }
}
