package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.ApiServerConfig;
import dev.coracle.apiserver.Certificates;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.memory.MemoryStore;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The resource verbs as a client sees them on the wire. */
@Timeout(20)
class ResourceStoryTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String APPLY = "application/apply-patch+yaml";

    private SystemEnvironment system;
    private MemoryStore store;
    private ApiServer server;
    private HttpClient client;

    @BeforeEach
    void start() throws Exception {
        system = new SystemEnvironment((name, e) -> {});
        Environment environment = system.environment();
        store = new MemoryStore(environment);
        var certificates = new Certificates(environment);
        var serving = certificates.issue("CN=kube-apiserver");
        server = new ApiServer(new ApiServerConfig(
                store,
                environment,
                "127.0.0.1",
                0,
                serving.pem(),
                serving.key(),
                certificates.authorityPem(),
                serving.pem(),
                serving.key(),
                "10.96.0.0/16"));
        server.start();
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(certificates.context(certificates.issue("CN=ann,O=system:masters")))
                .build();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.close();
        store.close();
        system.close();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(
                URI.create("https://127.0.0.1:" + server.address().getPort() + path));
    }

    private HttpResponse<String> send(String method, String path, String type, String body) throws Exception {
        return client.send(
                to(path).header("Content-Type", type)
                        .header("User-Agent", "shop/1.2 (linux)")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static Unstructured object(HttpResponse<String> response) {
        return Unstructured.parse(response.body());
    }

    @Test
    void aSecondDoorOpensAndClosesWithTheFirst() throws Exception {
        int port;
        try (var probe = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = probe.getLocalPort();
        }
        server.listen(new InetSocketAddress("127.0.0.1", port));
        var there = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/version"))
                .build();
        assertThat(client.send(there, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
        server.close();
        assertThatThrownBy(() -> new Socket("127.0.0.1", port)).isInstanceOf(ConnectException.class);
    }

    @Test
    void anApplyMakesAndThenChanges() throws Exception {
        String intent = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: '1'}}";
        assertThat(send("PATCH", MAPS + "/a", APPLY, intent).statusCode()).isEqualTo(422);
        var made = send("PATCH", MAPS + "/a?fieldManager=ci", APPLY, intent);
        assertThat(made.statusCode()).isEqualTo(201);
        var again = send("PATCH", MAPS + "/a?fieldManager=ci", APPLY, intent);
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body()).isEqualTo(made.body());
        var conflict = send("PATCH", MAPS + "/a?fieldManager=other", APPLY, intent.replace("'1'", "'2'"));
        assertThat(conflict.statusCode()).isEqualTo(409);
        assertThat(object(conflict).objects("details", "causes").getFirst().string("reason"))
                .isEqualTo("FieldManagerConflict");
        var forced = send("PATCH", MAPS + "/a?fieldManager=other&force=true", APPLY, intent.replace("'1'", "'2'"));
        assertThat(object(forced).string("data", "x")).isEqualTo("2");
        var binary = send("PATCH", MAPS + "/a?fieldManager=ci", "application/apply-patch+cbor", "");
        assertThat(binary.statusCode()).isEqualTo(415);
    }

    @Test
    void whoGivesNoNameIsCalledByHisProgram() throws Exception {
        var made = send("POST", MAPS, "application/json", "{\"metadata\":{\"name\":\"a\"},\"data\":{\"x\":\"1\"}}");
        assertThat(object(made).objects("metadata", "managedFields").getFirst().string("manager"))
                .isEqualTo("shop");
        var force = send("PATCH", MAPS + "/a?force=true", "application/merge-patch+json", "{}");
        assertThat(object(force).string("message"))
                .isEqualTo("PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for"
                        + " non-apply patch");
    }

    @Test
    void aDryDeletionDeletesNothing() throws Exception {
        send("POST", MAPS, "application/json", "{\"metadata\":{\"name\":\"a\"}}");
        assertThat(send("DELETE", MAPS + "/a?dryRun=All", "application/json", "")
                        .statusCode())
                .isEqualTo(200);
        assertThat(send("DELETE", MAPS + "/a", "application/json", "{\"dryRun\":[\"All\"]}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(send("GET", MAPS + "/a", "application/json", "").statusCode())
                .isEqualTo(200);
        assertThat(send("DELETE", MAPS + "/a?gracePeriodSeconds=soon", "application/json", "")
                        .statusCode())
                .isEqualTo(400);
        assertThat(send("DELETE", MAPS + "/a", "application/json", "").statusCode())
                .isEqualTo(200);
        assertThat(send("GET", MAPS + "/a", "application/json", "").statusCode())
                .isEqualTo(404);
    }

    @Test
    void aScaleIsReadAndWrittenAsAScale() throws Exception {
        String deployments = "/apis/apps/v1/namespaces/default/deployments";
        send("POST", deployments, "application/yaml", """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web}
                spec:
                  replicas: 2
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec: {containers: [{name: c, image: i}]}
                """);
        var scale = object(send("GET", deployments + "/web/scale", "", ""));
        assertThat(scale.integer(0, "spec", "replicas")).isEqualTo(2);
        var put = send(
                "PUT",
                deployments + "/web/scale",
                "application/json",
                scale.set(5, "spec", "replicas").toString());
        assertThat(object(put).kind()).isEqualTo("Scale");
        assertThat(object(put).integer(0, "spec", "replicas")).isEqualTo(5);
        var stale = send("PUT", deployments + "/web/scale", "application/json", scale.toString());
        assertThat(stale.statusCode()).isEqualTo(409);
        var less = send(
                "PATCH", deployments + "/web/scale", "application/merge-patch+json", "{\"spec\":{\"replicas\":-1}}");
        assertThat(less.statusCode()).isEqualTo(422);
        assertThat(object(send("GET", deployments + "/web", "", "")).integer(0, "spec", "replicas"))
                .isEqualTo(5);
    }

    @Test
    void aWatchListSaysWhereTheBeginningEnds() throws Exception {
        send("POST", MAPS, "application/json", "{\"metadata\":{\"name\":\"a\"}}");
        String watch = MAPS + "?watch=true&sendInitialEvents=true&allowWatchBookmarks=true";
        assertThat(send("GET", watch, "", "").statusCode()).isEqualTo(422);
        HttpResponse<InputStream> stream = client.send(
                to(watch + "&resourceVersionMatch=NotOlderThan").build(), HttpResponse.BodyHandlers.ofInputStream());
        try (var lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            Unstructured first = Unstructured.parse(lines.readLine());
            assertThat(first.string("type")).isEqualTo("ADDED");
            Unstructured mark = Unstructured.parse(lines.readLine());
            assertThat(mark.string("type")).isEqualTo("BOOKMARK");
            assertThat(mark.string("object", "metadata", "annotations", "k8s.io/initial-events-end"))
                    .isEqualTo("true");
            assertThat(mark.string("object", "metadata", "resourceVersion"))
                    .isEqualTo(first.string("object", "metadata", "resourceVersion"));
            send("POST", MAPS, "application/json", "{\"metadata\":{\"name\":\"b\"}}");
            assertThat(Unstructured.parse(lines.readLine()).string("object", "metadata", "name"))
                    .isEqualTo("b");
        }
    }

    @Test
    void whoWouldMakePodsThatAreRefusedIsWarned() throws Exception {
        String namespace = "/api/v1/namespaces/default";
        String merge = "application/merge-patch+json";
        send("POST", namespace + "/serviceaccounts", "application/json", "{\"metadata\":{\"name\":\"default\"}}");
        String spec = "{\"hostNetwork\":true,\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}";
        for (String name : new String[] {"b", "a"}) {
            String pod = "{\"metadata\":{\"name\":\"" + name + "\"},\"spec\":" + spec + "}";
            var made = send("POST", namespace + "/pods", "application/json", pod);
            assertThat(made.statusCode()).isEqualTo(201);
            assertThat(made.headers().firstValue("warning")).isEmpty();
        }
        var stricter = send(
                "PATCH",
                namespace,
                merge,
                "{\"metadata\":{\"labels\":{\"pod-security.kubernetes.io/enforce\":\"baseline\"}}}");
        assertThat(stricter.headers().firstValue("warning"))
                .hasValue("299 - \"existing pods in namespace \\\"default\\\" violate the new PodSecurity enforce"
                        + " level \\\"baseline:latest\\\"\", 299 - \"a (and 1 other pod): host namespaces\"");
        var deployment = send(
                "POST",
                "/apis/apps/v1/namespaces/default/deployments",
                "application/json",
                "{\"metadata\":{\"name\":\"d\"},\"spec\":{\"replica\":1,\"selector\":{\"matchLabels\":{\"a\":\"b\"}},"
                        + "\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":" + spec + "}}}");
        assertThat(deployment.statusCode()).isEqualTo(201);
        assertThat(deployment.headers().firstValue("warning"))
                .hasValue("299 - \"unknown field \\\"spec.replica\\\"\", 299 - \"would violate PodSecurity"
                        + " \\\"baseline:latest\\\": host namespaces (hostNetwork=true)\"");
        var refused = send(
                "PATCH",
                namespace + "/pods/a",
                "application/json-patch+json",
                "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/image\",\"value\":\"j\"}]");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.headers().firstValue("warning")).isEmpty();
        var kept = send("PATCH", namespace + "/pods/a", merge, "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}");
        assertThat(kept.statusCode()).isEqualTo(200);
    }
}
