package dev.coracle.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.clients.WebPages.WebPage;
import dev.coracle.e2e.harness.Coracle;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An operator on the Java Operator SDK, twice of which one leads: it keeps what belongs to a page of the web. */
@ExtendWith(SharedCluster.class)
class OperatorSdkStoryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String NAMESPACE = "operator-sdk";
    private static final String DEFINITION = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: webpages.pages.example.com}
            spec:
              group: pages.example.com
              scope: Namespaced
              names: {plural: webpages, singular: webpage, kind: WebPage, shortNames: [page]}
              conversion:
                strategy: Webhook
                webhook: {conversionReviewVersions: [v1], clientConfig: {url: %s, caBundle: %s}}
              versions:
              - name: v1
                served: true
                storage: true
                subresources: {status: {}}
                schema:
                  openAPIV3Schema:
                    type: object
                    required: [spec]
                    properties:
                      spec:
                        type: object
                        required: [title]
                        properties:
                          title: {type: string, minLength: 1}
                          replicas: {type: integer, format: int32, default: 1}
                      status: &status
                        type: object
                        properties:
                          ready: {type: integer}
                          observedGeneration: {type: integer, format: int64}
              - name: v2
                served: true
                storage: false
                subresources: {status: {}}
                schema:
                  openAPIV3Schema:
                    type: object
                    required: [spec]
                    properties:
                      spec:
                        type: object
                        required: [heading]
                        properties:
                          heading: {type: string, minLength: 1}
                          replicas: {type: integer, format: int32, default: 1}
                      status: *status
            """;

    private static Config config;
    private static KubernetesClient client;
    private static PageConversion conversion;
    private static BlockingQueue<String> cleaned;
    private static Operator first;
    private static Operator second;

    @BeforeAll
    static void start(Coracle coracle, @TempDir Path dir) throws Exception {
        config = Config.fromKubeconfig(coracle.paths().kubeconfig().toFile());
        config.setNamespace(NAMESPACE);
        client = client();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        conversion = new PageConversion(dir);
        var definition = client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .load(new ByteArrayInputStream(DEFINITION
                        .formatted(conversion.url(), conversion.caBundle())
                        .getBytes(StandardCharsets.UTF_8)));
        definition.create();
        definition.waitUntilCondition(
                d -> d.getStatus() != null
                        && d.getStatus().getConditions().stream()
                                .anyMatch(c -> c.getType().equals("Established")
                                        && c.getStatus().equals("True")),
                30,
                TimeUnit.SECONDS);
        cleaned = new LinkedBlockingQueue<>();
        first = operator("first");
        soon(() -> assertThat(holder()).isEqualTo("first"));
        second = operator("second");
    }

    private static KubernetesClient client() {
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new JdkHttpClientFactory())
                .build();
    }

    private static Operator operator(String name) {
        var operator = new Operator(o -> o.withKubernetesClient(client())
                .withCloseClientOnStop(true)
                .withLeaderElectionConfiguration(
                        LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration("pages")
                                .withLeaseNamespace(NAMESPACE)
                                .withIdentity(name)
                                .withLeaseDuration(Duration.ofSeconds(15))
                                .withRenewDeadline(Duration.ofSeconds(10))
                                .withRetryPeriod(Duration.ofMillis(200))
                                .withExitOnStopLeading(false)
                                .build()));
        operator.register(
                new WebPages(page -> cleaned.add(name + " cleaned up after " + page)),
                c -> c.settingNamespace(NAMESPACE));
        operator.start();
        return operator;
    }

    @AfterAll
    static void stop() {
        first.stop();
        second.stop();
        client.namespaces().withName(NAMESPACE).delete();
        client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName("webpages.pages.example.com")
                .delete();
        client.close();
        conversion.close();
    }

    private static void soon(ThrowingRunnable assertion) {
        await().atMost(PATIENCE).untilAsserted(assertion);
    }

    private static String holder() {
        var lease = client.leases().withName("pages").get();
        return lease == null ? "" : String.valueOf(lease.getSpec().getHolderIdentity());
    }

    private static Resource<WebPage> page() {
        return client.resources(WebPage.class).withName("home");
    }

    /** The same page in the version that calls the title a heading. */
    private static Resource<GenericKubernetesResource> second() {
        return client.genericKubernetesResources("pages.example.com/v2", "WebPage")
                .withName("home");
    }

    /** What one who watches the second version comes to see, each heading once. */
    private static List<String> headings() {
        List<String> seen = new CopyOnWriteArrayList<>();
        client.genericKubernetesResources("pages.example.com/v2", "WebPage").watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, GenericKubernetesResource page) {
                String heading = action == Action.DELETED ? "(gone)" : page.get("spec", "heading");
                if (seen.isEmpty() || !seen.getLast().equals(heading)) {
                    seen.add(heading);
                }
            }

            @Override
            public void onClose(WatcherException cause) {
                seen.add("closed: " + cause.getMessage());
            }
        });
        return seen;
    }

    /** Whatever else happens to it meanwhile. */
    private static void merged(Resource<?> resource, String change) {
        resource.patch(PatchContext.of(PatchType.JSON_MERGE), change);
    }

    private static void applied(String version, String spec) {
        client.genericKubernetesResources("pages.example.com/" + version, "WebPage")
                .withName("home")
                .patch(
                        new PatchContext.Builder()
                                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                .withFieldManager("editor")
                                .withForce(true)
                                .build(),
                        """
                        {"apiVersion": "pages.example.com/%s", "kind": "WebPage", "metadata": {"name": "home"}, "spec": %s}
                        """.formatted(version, spec));
    }

    private static ConfigMap map() {
        return client.configMaps().withName("home").get();
    }

    private static Deployment server() {
        return client.apps().deployments().withName("home").get();
    }

    /** What everybody sees who looks at the page. */
    private static void shows(String title, int ready) {
        soon(() -> {
            WebPage page = page().get();
            assertThat(page.getStatus()).isNotNull();
            assertThat(page.getStatus().ready()).isEqualTo(ready);
            assertThat(page.getStatus().observedGeneration())
                    .isEqualTo(page.getMetadata().getGeneration());
            assertThat(map().getData()).isEqualTo(Map.of("index.html", WebPages.html(title)));
            assertThat(server().getSpec().getTemplate().getMetadata().getAnnotations())
                    .containsEntry("pages.example.com/title", title);
        });
    }

    @Test
    void aPageIsMadeAndKeptAndCleanedUp() throws Exception {
        List<String> seen = headings();
        client.resource(WebPages.page("home", "Hello")).create();
        shows("Hello", 1);
        assertThat(page().get().getMetadata().getFinalizers()).containsExactly("webpages.pages.example.com/finalizer");
        String uid = page().get().getMetadata().getUid();
        for (HasMetadata kept : new HasMetadata[] {map(), server()}) {
            assertThat(kept.getMetadata().getOwnerReferences())
                    .singleElement()
                    .satisfies(owner -> assertThat(owner.getUid()).isEqualTo(uid));
            assertThat(kept.getMetadata().getManagedFields())
                    .anyMatch(f ->
                            f.getOperation().equals("Apply") && f.getManager().equals("webpages"));
        }

        GenericKubernetesResource same = second().get();
        assertThat(same.getMetadata()).isEqualTo(page().get().getMetadata());
        assertThat(same.<String>get("spec", "heading")).isEqualTo("Hello");
        assertThat(same.<Integer>get("status", "ready")).isEqualTo(1);

        // The page changes in either version, and what belongs to it.
        merged(second(), "{\"spec\": {\"heading\": \"Hello to two\"}}");
        shows("Hello to two", 1);
        applied("v2", "{\"heading\": \"Hello to three\", \"replicas\": 3}");
        shows("Hello to three", 3);
        // What the same one no longer applies is gone, in whichever version it was.
        applied("v1", "{\"title\": \"Hello to one\"}");
        shows("Hello to one", 1);
        merged(page(), "{\"spec\": {\"title\": \"Hello again\", \"replicas\": 2}}");
        shows("Hello again", 2);

        // Somebody meddles: what is the operator's comes back, what is not stays.
        merged(
                client.configMaps().withName("home"),
                "{\"data\": {\"index.html\": \"defaced\"}, \"metadata\": {\"labels\": {\"team\": \"web\"}}}");
        shows("Hello again", 2);
        assertThat(map().getMetadata().getLabels()).containsEntry("team", "web");
        String before = server().getMetadata().getUid();
        client.apps().deployments().withName("home").delete();
        soon(() -> assertThat(server())
                .isNotNull()
                .satisfies(d -> assertThat(d.getMetadata().getUid()).isNotEqualTo(before)));

        // The one that leads goes; it leaves its lease to expire, unless somebody takes it away. The other one goes on.
        first.stop();
        merged(client.leases().withName("pages"), "{\"spec\": {\"holderIdentity\": null}}");
        soon(() -> assertThat(holder()).isEqualTo("second"));
        merged(page(), "{\"spec\": {\"title\": \"Farewell\", \"replicas\": 1}}");
        shows("Farewell", 1);

        page().delete();
        soon(() -> {
            assertThat(page().get()).isNull();
            assertThat(map()).isNull();
            assertThat(server()).isNull();
        });
        assertThat(cleaned).containsExactly("second cleaned up after home");
        soon(() -> assertThat(seen)
                .containsExactly(
                        "Hello",
                        "Hello to two",
                        "Hello to three",
                        "Hello to one",
                        "Hello again",
                        "Farewell",
                        "(gone)"));
    }
}
