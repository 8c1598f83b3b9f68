package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.metrics.UsageSource;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The resource metrics API is asked as any other: by shape, encoding and selector. */
class MetricsStoryTest {
    private static final String BASE = "/apis/metrics.k8s.io/v1beta1";
    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    /** Of two pods, the first of which has two containers. */
    private static final UsageSource USAGE = new UsageSource() {
        private static final Instant TIME = Instant.parse("2026-11-27T05:00:00Z");
        private static final Duration WINDOW = Duration.ofSeconds(15);

        @Override
        public List<Node> nodes() {
            return List.of();
        }

        @Override
        public List<Pod> pods() {
            var app = new Container("app", new Usage(1_500_000, 1 << 20));
            var proxy = new Container("proxy", new Usage(500_001, 3 << 10));
            return List.of(
                    new Pod("default", "web", TIME, WINDOW, List.of(app, proxy)),
                    new Pod("default", "db", TIME, WINDOW, List.of(app)));
        }
    };

    private SecureServer server;
    private SecureServer.Caller admin;

    @BeforeEach
    void open() throws Exception {
        server = new SecureServer(USAGE);
        admin = server.admin();
        admin.post("/api/v1/namespaces/default/serviceaccounts", "{\"metadata\":{\"name\":\"default\"}}");
        for (String name : List.of("web", "db")) {
            assertThat(admin.post("/api/v1/namespaces/default/pods", """
                                    {"metadata":{"name":"%s","labels":{"app":"%s"}},
                                     "spec":{"containers":[{"name":"app","image":"app"}]}}""".formatted(name, name))
                            .statusCode())
                    .isEqualTo(201);
        }
    }

    @AfterEach
    void close() {
        admin.close();
        server.close();
    }

    private Unstructured get(String path, String accept) throws Exception {
        var answer = admin.get(BASE + path, "Accept", accept);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Unstructured.parse(answer.body());
    }

    @Test
    void kubectlGetPrintsWhatPodsUseInAll() throws Exception {
        Unstructured table = get("/namespaces/default/pods", TABLE);
        assertThat(table.kind()).isEqualTo("Table");
        assertThat(table.objects("columnDefinitions"))
                .extracting(c -> c.string("name"))
                .containsExactly("Name", "cpu", "memory", "Window");
        assertThat(table.objects("rows"))
                .extracting(r -> r.get("cells").toString())
                .containsExactly("[db, 1500u, 1Mi, 15s]", "[web, 2000001n, 1027Ki, 15s]");
        assertThat(get("/namespaces/default/pods/db", TABLE).objects("rows")).hasSize(1);
    }

    @Test
    void metadataAloneIsGivenToWhoWantsNoMore() throws Exception {
        Unstructured list = get("/pods", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");
        assertThat(list.kind()).isEqualTo("PartialObjectMetadataList");
        assertThat(list.objects("items")).allSatisfy(i -> {
            assertThat(i.kind()).isEqualTo("PartialObjectMetadata");
            assertThat(i.has("containers")).isFalse();
        });
        assertThat(admin.get(BASE + "/pods", "Accept", "application/yaml").body())
                .endsWith("kind: PodMetricsList\nmetadata: {}\n");
        assertThat(admin.get(BASE + "/pods", "Accept", "text/html").statusCode())
                .isEqualTo(406);
    }

    @Test
    void bothKindsOfSelectorsChoose() throws Exception {
        assertThat(get("/pods?fieldSelector=metadata.name%3Dweb", "application/json")
                        .objects("items"))
                .singleElement()
                .satisfies(p -> assertThat(p.name()).isEqualTo("web"));
        assertThat(get("/pods?fieldSelector=metadata.namespace!%3Ddefault", "*/*")
                        .objects("items"))
                .isEmpty();
        assertThat(get("/pods?labelSelector=app%3Ddb", "*/*").objects("items")).hasSize(1);
        assertThat(admin.get(BASE + "/pods?fieldSelector=spec.nodeName%3Da").statusCode())
                .isEqualTo(400);
    }

    @Test
    void nobodyWatchesOrWritesWhatIsMeasured() throws Exception {
        assertThat(admin.get(BASE + "/pods?watch=true").statusCode()).isEqualTo(405);
        assertThat(admin.post(BASE + "/namespaces/default/pods", "{}").statusCode())
                .isEqualTo(405);
    }
}
