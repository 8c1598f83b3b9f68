package dev.coracle.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.coracle.e2e.harness.Coracle;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.http.HttpClient;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** fabric8's Kubernetes client over each HTTP library that it can stand on. */
@ParameterizedClass(name = "over {0}")
@MethodSource("present")
@ExtendWith(SharedCluster.class)
class Fabric8StoryTest {
    /** How long anything may take before the story is given up. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    enum Transport {
        OKHTTP("okhttp.OkHttpClientFactory"),
        JDK("jdkhttp.JdkHttpClientFactory"),
        VERTX5("vertx5.Vertx5HttpClientFactory"),
        VERTX4("vertx.VertxHttpClientFactory");

        private final String factory;

        Transport(String factory) {
            this.factory = "io.fabric8.kubernetes.client." + factory;
        }

        HttpClient.Factory factory() throws ReflectiveOperationException {
            return (HttpClient.Factory) Class.forName(factory).getConstructor().newInstance();
        }

        boolean present() {
            return Transport.class.getClassLoader().getResource(factory.replace('.', '/') + ".class") != null;
        }

        String namespace() {
            return "fabric8-" + name().toLowerCase(Locale.ROOT);
        }
    }

    /** The two of Vert.x exclude each other, so they are not all there in one run. */
    static Stream<Transport> present() {
        return Stream.of(Transport.values()).filter(Transport::present);
    }

    @Parameter
    private Transport transport;

    private static KubernetesClient client;
    private static String namespace;

    @BeforeParameterizedClassInvocation
    static void open(Transport transport, Coracle coracle) throws ReflectiveOperationException {
        namespace = transport.namespace();
        Config config = Config.fromKubeconfig(coracle.paths().kubeconfig().toFile());
        config.setNamespace(namespace);
        client = new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(transport.factory())
                .build();
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName("server")
                        .addToLabels("app", "server")
                        .endMetadata()
                        .withNewSpec()
                        .withTerminationGracePeriodSeconds(0L)
                        .addNewContainer()
                        .withName("server")
                        .withImage("busybox")
                        .withImagePullPolicy("IfNotPresent")
                        .withCommand("sh", "-c", SharedCluster.SERVER)
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        server().waitUntilReady(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @AfterParameterizedClassInvocation
    static void close() {
        client.namespaces().withName(namespace).delete();
        client.close();
    }

    private static PodResource server() {
        return client.pods().withName("server");
    }

    private static ConfigMap settings(String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("app", "settings")
                .endMetadata()
                .addToData("a", "1")
                .build();
    }

    @Test
    void podsAreReadAsTheyAre() {
        PodList list = client.pods().withLabel("app", "server").list();
        assertThat(list.getMetadata().getResourceVersion()).isNotEmpty();
        assertThat(list.getItems()).hasSize(1);
        Pod pod = list.getItems().getFirst();
        assertThat(pod.getMetadata().getUid())
                .isEqualTo(server().get().getMetadata().getUid());
        assertThat(pod.getSpec().getContainers().getFirst().getImage()).isEqualTo("busybox");
        assertThat(pod.getStatus().getPhase()).isEqualTo("Running");
        assertThat(pod.getStatus()
                        .getContainerStatuses()
                        .getFirst()
                        .getState()
                        .getRunning()
                        .getStartedAt())
                .isNotEmpty();
        assertThat(client.pods().withLabel("app", "other").list().getItems()).isEmpty();
        assertThat(client.getKubernetesVersion().getMinor()).isEqualTo("36");
        assertThat(client.pods().withName("nobody").get()).isNull();
    }

    @Test
    void objectsAreChangedInManyWays() {
        Resource<ConfigMap> changed = client.resource(settings("changed"));
        ConfigMap created = changed.create();
        assertThat(created.getMetadata().getResourceVersion()).isNotEmpty();

        changed = client.configMaps().withName("changed");
        assertThat(changed.patch(PatchContext.of(PatchType.STRATEGIC_MERGE), "{\"data\":{\"b\":\"2\"}}")
                        .getData())
                .isEqualTo(Map.of("a", "1", "b", "2"));
        assertThat(changed.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":{\"a\":null}}")
                        .getData())
                .isEqualTo(Map.of("b", "2"));
        assertThat(changed.patch(
                                PatchContext.of(PatchType.JSON),
                                "[{\"op\":\"replace\",\"path\":\"/data/b\",\"value\":\"3\"}]")
                        .getData())
                .isEqualTo(Map.of("b", "3"));
        // Reads, compares with what it was, and sends the difference.
        assertThat(changed.edit(c -> new ConfigMapBuilder(c).addToData("c", "4").build())
                        .getData())
                .isEqualTo(Map.of("b", "3", "c", "4"));
        ConfigMap read = changed.get();
        read.getData().put("d", "5");
        assertThat(client.resource(read).update().getData()).containsEntry("d", "5");

        read.getData().put("d", "6");
        KubernetesClientException stale = catchThrowableOfType(
                KubernetesClientException.class,
                () -> client.resource(read).lockResourceVersion().update());
        assertThat(stale.getCode()).isEqualTo(409);
        assertThat(stale.getStatus().getReason()).isEqualTo("Conflict");
        assertThat(changed.delete()).hasSize(1);
        assertThat(changed.get()).isNull();
    }

    @Test
    void fieldsHaveOwners() {
        ConfigMap wanted = settings("applied");
        assertThat(client.resource(wanted)
                        .fieldManager("first")
                        .serverSideApply()
                        .getData())
                .isEqualTo(Map.of("a", "1"));
        wanted.getData().put("a", "2");
        KubernetesClientException refused = catchThrowableOfType(
                KubernetesClientException.class,
                () -> client.resource(wanted).fieldManager("second").serverSideApply());
        assertThat(refused.getCode()).isEqualTo(409);
        assertThat(refused.getStatus().getDetails().getCauses().getFirst().getReason())
                .isEqualTo("FieldManagerConflict");
        ConfigMap taken =
                client.resource(wanted).fieldManager("second").forceConflicts().serverSideApply();
        assertThat(taken.getData()).isEqualTo(Map.of("a", "2"));
        client.resource(taken).delete();
    }

    @Test
    void whatIsNotThereIsNamed() {
        KubernetesClientException missing = catchThrowableOfType(
                KubernetesClientException.class,
                () -> client.configMaps().withName("nobody").patch(PatchContext.of(PatchType.JSON_MERGE), "{}"));
        assertThat(missing.getCode()).isEqualTo(404);
        assertThat(missing.getStatus().getReason()).isEqualTo("NotFound");
        assertThat(missing.getStatus().getMessage()).isEqualTo("configmaps \"nobody\" not found");
        assertThat(missing.getStatus().getDetails().getKind()).isEqualTo("configmaps");
        assertThat(missing.getStatus().getDetails().getName()).isEqualTo("nobody");
    }

    @Test
    void aWatchSeesWhatHappens() throws InterruptedException {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        Watcher<ConfigMap> watcher = new Watcher<>() {
            @Override
            public void eventReceived(Action action, ConfigMap c) {
                seen.add(action + " " + c.getMetadata().getName() + " " + c.getData());
            }

            @Override
            public void onClose() {
                seen.add("closed");
            }

            @Override
            public void onClose(WatcherException cause) {
                seen.add("closed: " + cause);
            }
        };
        Resource<ConfigMap> watched = client.configMaps().withName("watched");
        try (Watch _ = watched.watch(watcher)) {
            client.resource(settings("watched")).create();
            assertThat(next(seen)).isEqualTo("ADDED watched {a=1}");
            watched.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":{\"a\":\"2\"}}");
            assertThat(next(seen)).isEqualTo("MODIFIED watched {a=2}");
            watched.delete();
            assertThat(next(seen)).isEqualTo("DELETED watched {a=2}");
        }
        assertThat(next(seen)).isEqualTo("closed");
    }

    @Test
    void programsRunAndEndWithTheirCode() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (ExecWatch exec =
                server().writingOutput(out).writingError(err).exec("sh", "-c", "echo out; echo err >&2; exit 3")) {
            assertThat(exec.exitCode().get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isEqualTo(3);
        }
        assertThat(out).hasToString("out\n");
        assertThat(err).hasToString("err\n");
        assertThat(run("true")).isEmpty();
    }

    /** The output of a program that succeeds. */
    private static String run(String... command) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ExecWatch exec = server().writingOutput(out).exec(command)) {
            assertThat(exec.exitCode().get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isZero();
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void filesAreUploadedWhole(@TempDir Path dir) throws Exception {
        assertThat(server().file("/tmp/small")
                        .upload(new ByteArrayInputStream("small\n".getBytes(StandardCharsets.UTF_8))))
                .isTrue();
        assertThat(run("cat", "/tmp/small")).isEqualTo("small\n");

        byte[] large = new byte[1 << 20];
        new Random(7).nextBytes(large);
        assertThat(server().file("/tmp/large").upload(new ByteArrayInputStream(large)))
                .isTrue();
        assertThat(server().file("/tmp/large").copy(dir.resolve("large"))).isTrue();
        assertThat(dir.resolve("large")).hasBinaryContent(large);
    }

    /** It knows no other end of input, since it speaks the fourth version of the protocol. */
    @Test
    void whatWasTypedArrivesThoughTheClientHangsUpAtOnce() throws Exception {
        try (ExecWatch exec =
                server().redirectingInput().exec("sh", "-c", "cat > /tmp/part && mv /tmp/part /tmp/typed")) {
            exec.getInput().write(new byte[100_000]);
            exec.getInput().flush();
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(run("sh", "-c", "[ ! -e /tmp/typed ] || wc -c < /tmp/typed"))
                        .isEqualTo("100000\n"));
    }

    @Test
    void aLogIsReadAndFollowed() throws Exception {
        assertThat(server().getLog()).startsWith("started\n");
        try (LogWatch log = server().watchLog()) {
            var lines = new BufferedReader(new InputStreamReader(log.getOutput(), StandardCharsets.UTF_8));
            assertThat(lines.readLine()).isEqualTo("started");
            run("sh", "-c", "echo more > /proc/1/fd/1");
            assertThat(lines.readLine()).isEqualTo("more");
        }
    }

    @Test
    void aPortIsForwarded() throws Exception {
        try (LocalPortForward forward = server().portForward(8080);
                var http = java.net.http.HttpClient.newHttpClient()) {
            for (int i = 0; i < 2; i++) {
                assertThat(http.send(
                                        HttpRequest.newBuilder(URI.create(
                                                        "http://127.0.0.1:" + forward.getLocalPort() + "/index.html"))
                                                .timeout(PATIENCE)
                                                .build(),
                                        HttpResponse.BodyHandlers.ofString())
                                .body())
                        .isEqualTo("hello\n");
            }
            assertThat(forward.errorOccurred()).isFalse();
        }
    }

    @Test
    void leadershipPassesOn() throws Exception {
        BlockingQueue<String> happened = new LinkedBlockingQueue<>();
        CompletableFuture<?> first = elector("first", happened).start();
        assertThat(next(happened)).isEqualTo("first leads");
        CompletableFuture<?> second = elector("second", happened).start();
        assertThat(client.leases().withName("office").get().getSpec().getHolderIdentity())
                .isEqualTo("first");
        first.cancel(true);
        assertThat(next(happened)).isEqualTo("first stops");
        assertThat(next(happened)).isEqualTo("second leads");
        var lease = client.leases().withName("office").get().getSpec();
        assertThat(lease.getHolderIdentity()).isEqualTo("second");
        assertThat(lease.getAcquireTime()).isNotNull();
        second.cancel(true);
        assertThat(next(happened)).isEqualTo("second stops");
    }

    private static LeaderElector elector(String who, BlockingQueue<String> happened) {
        return client.leaderElector()
                .withConfig(new LeaderElectionConfigBuilder()
                        .withName(who)
                        .withLock(new LeaseLock(namespace, "office", who))
                        .withLeaseDuration(Duration.ofSeconds(15))
                        .withRenewDeadline(Duration.ofSeconds(10))
                        .withRetryPeriod(Duration.ofMillis(200))
                        .withReleaseOnCancel(true)
                        .withLeaderCallbacks(new LeaderCallbacks(
                                () -> happened.add(who + " leads"), () -> happened.add(who + " stops"), leader -> {}))
                        .build())
                .build();
    }

    private static String next(BlockingQueue<String> happened) throws InterruptedException {
        return happened.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
