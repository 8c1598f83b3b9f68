package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.apiserver.Cluster.yaml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.apiserver.admission.webhook.WebhookServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A kind's second version has its fields elsewhere, and its author's webhook knows where. */
class ConversionStoryTest {
    private static final GroupVersionResource DEFINITIONS =
            new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");
    private static final GroupVersionResource V1 = new GroupVersionResource("example.com", "v1", "hosts");
    private static final GroupVersionResource V2 = new GroupVersionResource("example.com", "v2", "hosts");

    private final SystemEnvironment system = new SystemEnvironment((n, e) -> {});
    private final ApiServer server = ApiServer.inMemory(system.environment());
    private final Client admin = server.client(UserInfo.ADMIN);
    private WebhookServer hooks;

    @BeforeEach
    void start() throws Exception {
        hooks = new WebhookServer(system.environment());
    }

    @AfterEach
    void close() {
        server.close();
        hooks.close();
        system.close();
    }

    private static String definition(String client, String storage) {
        return """
                metadata: {name: hosts.example.com}
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                spec:
                  group: example.com
                  scope: Namespaced
                  names: {plural: hosts, kind: Host}
                  conversion:
                    strategy: Webhook
                    webhook: {conversionReviewVersions: [v1], clientConfig: %s}
                  versions:
                  - name: v1
                    served: true
                    storage: %s
                    schema: {openAPIV3Schema: {type: object, properties: {hostPort: {type: string}}}}
                  - name: v2
                    served: true
                    storage: %s
                    schema: {openAPIV3Schema: {type: object, properties: {host: {type: string}, port: {type: string},
                      proto: {type: string, default: tcp}}}}
                """.formatted(client, storage.equals("v1"), storage.equals("v2"));
    }

    /** {@code hostPort: a:1} is {@code host: a, port: 1}. */
    private static Unstructured converted(Unstructured o, String apiVersion) {
        Unstructured c = o.copy().set(apiVersion, "apiVersion");
        if (apiVersion.endsWith("v2")) {
            String[] parts = o.string("hostPort").split(":");
            return c.remove("hostPort").set(parts[0], "host").set(parts[1], "port");
        }
        return c.remove("host")
                .remove("port")
                .remove("proto")
                .set(o.string("host") + ":" + o.string("port"), "hostPort");
    }

    private void converts(String path) {
        hooks.at(path, (exchange, request) -> {
            String wanted = request.string("desiredAPIVersion");
            List<Object> objects = request.objects("objects").stream()
                    .<Object>map(o -> converted(o, wanted).map())
                    .toList();
            Unstructured review = Unstructured.of("apiextensions.k8s.io/v1", "ConversionReview")
                    .set(request.string("uid"), "response", "uid")
                    .set("Success", "response", "result", "status")
                    .set(objects, "response", "convertedObjects");
            WebhookServer.send(exchange, 200, review.json());
        });
    }

    private void define(String path, String storage) throws Exception {
        admin.create(DEFINITIONS, "", yaml(definition(hooks.client(path), storage)), WriteOptions.DEFAULT);
        await().until(() ->
                admin.get(DEFINITIONS, "", "hosts.example.com").object().objects("status", "conditions").stream()
                        .anyMatch(c -> c.string("type").equals("Established")
                                && c.string("status").equals("True")));
    }

    private static Unstructured host(String name) {
        return yaml("{apiVersion: example.com/v1, kind: Host, metadata: {name: " + name + "}, hostPort: 'a:1'}");
    }

    @Test
    void eachVersionIsWrittenAndReadByTheOther() throws Exception {
        converts("/convert");
        define("/convert", "v1");
        admin.create(V1, "default", host("h"), WriteOptions.DEFAULT);
        Unstructured two = admin.get(V2, "default", "h").object();
        assertThat(two.string("host") + " " + two.string("port") + " " + two.string("proto"))
                .isEqualTo("a 1 tcp");
        assertThat(two.has("hostPort")).isFalse();
        admin.patch(V2, "default", "h", Patch.merge(yaml("{port: '2'}")), WriteOptions.DEFAULT);
        assertThat(admin.get(V1, "default", "h").object().string("hostPort")).isEqualTo("a:2");
        // What is stored from now on is the other; what was stored is still read.
        Unstructured crd =
                admin.get(DEFINITIONS, "", "hosts.example.com").object().copy();
        crd.objects("spec", "versions").forEach(v -> v.set(v.string("name").equals("v2"), "storage"));
        admin.update(DEFINITIONS, crd, WriteOptions.DEFAULT);
        await().until(() -> admin.get(DEFINITIONS, "", "hosts.example.com")
                        .object()
                        .stringList("status", "storedVersions")
                        .size()
                == 2);
        admin.create(V1, "default", host("younger"), WriteOptions.DEFAULT);
        await().untilAsserted(() -> assertThat(
                        admin.list(V1, "default", ListOptions.ALL).items())
                .extracting(r -> r.name() + " " + r.object().string("hostPort"))
                .containsExactly("h a:2", "younger a:1"));
        assertThat(admin.list(V2, "default", ListOptions.ALL).items())
                .extracting(r -> r.name() + " " + r.object().string("port"))
                .containsExactly("h 2", "younger 1");
    }

    @Test
    void aWebhookThatFailsIsToldAndThatChangesWhoAnObjectIsIsNotBelieved() throws Exception {
        hooks.at("/renames", (exchange, request) -> {
            Unstructured o = converted(request.objects("objects").getFirst(), request.string("desiredAPIVersion"));
            Unstructured review = Unstructured.of("apiextensions.k8s.io/v1", "ConversionReview")
                    .set(request.string("uid"), "response", "uid")
                    .set("Success", "response", "result", "status")
                    .set(List.of(o.set("other", "metadata", "name").map()), "response", "convertedObjects");
            WebhookServer.send(exchange, 200, review.json());
        });
        define("/renames", "v1");
        admin.create(V1, "default", host("h"), WriteOptions.DEFAULT);
        StatusException e = refused(() -> admin.get(V2, "default", "h").object());
        assertThat(e.code()).isEqualTo(500);
        assertThat(e)
                .hasMessageContaining("conversion webhook for example.com/v1, Kind=Host failed: webhook returned"
                        + " invalid metadata at index 0: must have the same name");
        hooks.close();
        assertThat(refused(() -> admin.get(V2, "default", "h").object()))
                .hasMessageContaining("conversion webhook for example.com/v1, Kind=Host failed: ");
        assertThat(admin.get(V1, "default", "h").object().string("hostPort")).isEqualTo("a:1");
    }

    /** Whoever watches by the other version waits for the webhook; nobody else does. */
    @Test
    void aSlowWebhookHoldsNoWriteUp() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        hooks.at("/slow", (exchange, request) -> {
            try {
                open.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            WebhookServer.send(exchange, 500, new byte[0]);
        });
        define("/slow", "v1");
        var seen = new LinkedBlockingQueue<WatchEvent>();
        try (Client.Watch watch = admin.watch(V2, "default", ListOptions.ALL, new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                seen.add(event);
            }

            @Override
            public void onClosed(StatusException cause) {}
        })) {
            admin.create(V1, "default", host("h"), WriteOptions.DEFAULT);
            admin.create(V1, "default", host("i"), WriteOptions.DEFAULT);
            assertThat(List.of(
                            seen.take().revision().name(),
                            seen.take().revision().name()))
                    .containsExactly("h", "i");
        } finally {
            open.countDown();
        }
    }
}
