package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.admission.webhook.WebhookServer;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Webhooks as clients over HTTPS meet them. */
class WebhookFrontStoryTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private SecureServer server;
    private SecureServer.Caller admin;
    private WebhookServer hooks;

    @BeforeEach
    void start() throws Exception {
        server = new SecureServer();
        admin = server.admin();
        hooks = new WebhookServer(server.system.environment());
        post("/api/v1/namespaces/default/serviceaccounts", "{metadata: {name: default}}");
    }

    @AfterEach
    void close() {
        admin.close();
        server.close();
        hooks.close();
    }

    private HttpResponse<String> post(String path, String yaml) throws Exception {
        HttpResponse<String> r =
                admin.post(path, new String(Json.bytes(Yaml.parseAll(yaml).getFirst()), StandardCharsets.UTF_8));
        assertThat(r.statusCode()).as(r.body()).isEqualTo(201);
        return r;
    }

    private void configure(String path, String operation, String resource) throws Exception {
        post("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", """
                {metadata: {name: a},
                 webhooks: [{name: a.example.com, clientConfig: %s, sideEffects: None, admissionReviewVersions: [v1],
                             rules: [{operations: [%s], apiGroups: [''], apiVersions: [v1], resources: ['%s']}]}]}
                """.formatted(
                        hooks.client(path), operation, resource));
    }

    @Test
    void aWarningReachesTheClient() throws Exception {
        hooks.responds("/v", r -> WebhookServer.allowed().set(List.of("mind the \"gap\""), "warnings"));
        configure("/v", "CREATE", "configmaps");
        assertThat(post(MAPS, "{metadata: {name: m}}").headers().firstValue("warning"))
                .contains("299 - \"mind the \\\"gap\\\"\"");
    }

    @Test
    void aRefusalIsAStatus() throws Exception {
        hooks.responds("/v", r -> Unstructured.parse("{\"allowed\":false,\"status\":{\"message\":\"no\"}}"));
        configure("/v", "CREATE", "configmaps");
        HttpResponse<String> r = admin.post(MAPS, "{\"metadata\":{\"name\":\"m\"}}");
        assertThat(r.statusCode()).isEqualTo(400);
        assertThat(Unstructured.parse(r.body()).string("message"))
                .isEqualTo("admission webhook \"a.example.com\" denied the request: no");
    }

    @Test
    void whoeverIsDeletedWithAllOthersIsAskedAbout() throws Exception {
        post(MAPS, "{metadata: {name: a, labels: {x: 'y'}}}");
        post(MAPS, "{metadata: {name: b, labels: {x: 'y'}}}");
        hooks.responds("/v", r -> WebhookServer.allowed());
        configure("/v", "DELETE", "configmaps");
        assertThat(admin.send("DELETE", MAPS + "?labelSelector=x%3Dy", "application/json", "")
                        .statusCode())
                .isEqualTo(200);
        assertThat(hooks.asked)
                .extracting(r -> r.string("oldObject", "metadata", "name"))
                .containsExactly("a", "b");
    }

    @Test
    void aConnectionIsAskedAboutBeforeItIsMade() throws Exception {
        post("/api/v1/namespaces/default/pods", "{metadata: {name: p}, spec: {containers: [{name: c, image: i}]}}");
        hooks.responds("/v", r -> Unstructured.parse("{\"allowed\":false}"));
        configure("/v", "CONNECT", "*/*");
        String pod = "/api/v1/namespaces/default/pods/p";
        assertThat(admin.post(pod + "/exec?command=ls&command=-l&stdout=true&container=c", "")
                        .statusCode())
                .isEqualTo(400);
        Unstructured exec = hooks.asked.removeFirst();
        assertThat(exec.string("operation")).isEqualTo("CONNECT");
        assertThat(exec.string("subResource")).isEqualTo("exec");
        assertThat(exec.string("object", "kind")).isEqualTo("PodExecOptions");
        assertThat(exec.object("object").stringList("command")).containsExactly("ls", "-l");
        assertThat(exec.object("object").bool("stdout")).isTrue();
        assertThat(admin.post(pod + "/attach?stdin=true", "").statusCode()).isEqualTo(400);
        assertThat(hooks.asked.removeFirst().string("object", "kind")).isEqualTo("PodAttachOptions");
        assertThat(admin.post(pod + "/portforward?ports=80,81", "").statusCode())
                .isEqualTo(400);
        assertThat(hooks.asked.removeFirst().get("object", "ports")).hasToString("[80, 81]");
        assertThat(admin.get(pod + "/proxy/metrics?x=y").statusCode()).isEqualTo(400);
        assertThat(hooks.asked.removeFirst().string("object", "path")).isEqualTo("/metrics");
    }

    @Test
    void aTokenIsAskedAboutAsWhatItIs() throws Exception {
        hooks.responds("/v", r -> WebhookServer.allowed());
        configure("/v", "CREATE", "serviceaccounts/token");
        post("/api/v1/namespaces/default/serviceaccounts/default/token", "{spec: {audiences: [a]}}");
        Unstructured token = hooks.asked.getFirst();
        assertThat(token.string("kind", "kind")).isEqualTo("TokenRequest");
        assertThat(token.object("object", "spec").stringList("audiences")).containsExactly("a");
    }
}
