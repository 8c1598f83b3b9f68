package dev.coracle.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.gson.reflect.TypeToken;
import dev.coracle.e2e.harness.Coracle;
import io.kubernetes.client.Copy;
import io.kubernetes.client.Exec;
import io.kubernetes.client.PodLogs;
import io.kubernetes.client.PortForward;
import io.kubernetes.client.ProtoClient;
import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.kubernetes.client.extended.leaderelection.LeaderElector;
import io.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.apis.CoordinationV1Api;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodList;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1Status;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.Resource;
import io.kubernetes.client.proto.V1;
import io.kubernetes.client.util.Config;
import io.kubernetes.client.util.PatchUtils;
import io.kubernetes.client.util.Watch;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Kubernetes' own Java client, which stands on OkHttp. */
@ExtendWith(SharedCluster.class)
class ClientJavaStoryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String NS = "client-java";
    private static final Type CONFIG_MAPS = new TypeToken<Watch.Response<V1ConfigMap>>() {}.getType();
    private static final Type PODS = new TypeToken<Watch.Response<V1Pod>>() {}.getType();

    private static ApiClient client;
    private static CoreV1Api core;

    @BeforeAll
    static void open(Coracle coracle) throws Exception {
        client = Config.fromConfig(coracle.paths().kubeconfig().toString());
        // A watch says nothing for as long as nothing happens.
        client.setReadTimeout(0);
        core = new CoreV1Api(client);
        core.createNamespace(new V1Namespace().metadata(new V1ObjectMeta().name(NS)))
                .execute();
        V1Pod pod = core.createNamespacedPod(
                        NS,
                        new V1Pod()
                                .metadata(new V1ObjectMeta().name("server").putLabelsItem("app", "server"))
                                .spec(new V1PodSpec()
                                        .terminationGracePeriodSeconds(0L)
                                        .addContainersItem(new V1Container()
                                                .name("server")
                                                .image("busybox")
                                                .imagePullPolicy("IfNotPresent")
                                                .command(List.of("sh", "-c", SharedCluster.SERVER)))))
                .execute();
        try (Watch<V1Pod> watch = Watch.createWatch(
                client,
                core.listNamespacedPod(NS)
                        .resourceVersion(pod.getMetadata().getResourceVersion())
                        .timeoutSeconds((int) PATIENCE.toSeconds())
                        .watch(true)
                        .buildCall(null),
                PODS)) {
            while (!ready(pod)) {
                pod = watch.next().object;
            }
        }
    }

    private static boolean ready(V1Pod pod) {
        return pod.getStatus().getConditions() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(c ->
                                c.getType().equals("Ready") && c.getStatus().equals("True"));
    }

    @AfterAll
    static void close() throws ApiException {
        core.deleteNamespace(NS).execute();
        client.getHttpClient().dispatcher().executorService().shutdown();
        client.getHttpClient().connectionPool().evictAll();
    }

    private static V1ConfigMap settings(String name) {
        return new V1ConfigMap()
                .apiVersion("v1")
                .kind("ConfigMap")
                .metadata(new V1ObjectMeta().name(name))
                .putDataItem("a", "1");
    }

    @Test
    void podsAreReadAsTheyAre() throws ApiException {
        V1PodList list = core.listNamespacedPod(NS).labelSelector("app=server").execute();
        assertThat(list.getMetadata().getResourceVersion()).isNotEmpty();
        assertThat(list.getItems()).hasSize(1);
        V1Pod pod = list.getItems().getFirst();
        assertThat(pod.getSpec().getContainers().getFirst().getImage()).isEqualTo("busybox");
        assertThat(pod.getStatus().getPhase()).isEqualTo("Running");
        assertThat(pod.getStatus()
                        .getContainerStatuses()
                        .getFirst()
                        .getState()
                        .getRunning()
                        .getStartedAt())
                .isAfterOrEqualTo(pod.getMetadata().getCreationTimestamp());
        assertThat(core.listNamespacedPod(NS)
                        .labelSelector("app=other")
                        .execute()
                        .getItems())
                .isEmpty();
    }

    @Test
    void namespacesAndPodsComeAndGoInProtobuf() throws Exception {
        // Its messages' classes are of an old compiler, and say so at length.
        System.setProperty("com.google.protobuf.use_unsafe_pre22_gencode", "true");
        var proto = new ProtoClient(client);
        String namespaces = "/api/v1/namespaces";
        String space = NS + "-proto";

        V1.Namespace made = proto.create(
                        V1.Namespace.newBuilder()
                                .setMetadata(Meta.ObjectMeta.newBuilder().setName(space))
                                .build(),
                        namespaces,
                        "v1",
                        "Namespace")
                .object;
        assertThat(made.getMetadata().getUid()).isNotEmpty();
        V1.NamespaceList list = proto.<V1.NamespaceList>list(V1.NamespaceList.newBuilder(), namespaces).object;
        assertThat(list.getMetadata().getResourceVersion()).isNotEmpty();
        assertThat(list.getItemsList())
                .extracting(n -> n.getMetadata().getName())
                .contains("kube-system", NS, space);

        String pods = namespaces + "/" + space + "/pods";
        V1.Pod pod = proto.create(
                        V1.Pod.newBuilder()
                                .setMetadata(Meta.ObjectMeta.newBuilder()
                                        .setName("sleeper")
                                        .putLabels("a", "b"))
                                .setSpec(V1.PodSpec.newBuilder()
                                        .setTerminationGracePeriodSeconds(0)
                                        .addContainers(V1.Container.newBuilder()
                                                .setName("c")
                                                .setImage("busybox")
                                                .addAllCommand(List.of("sleep", "600"))
                                                .setResources(V1.ResourceRequirements.newBuilder()
                                                        .putLimits(
                                                                "memory",
                                                                Resource.Quantity.newBuilder()
                                                                        .setString("64Mi")
                                                                        .build()))))
                                .build(),
                        pods,
                        "v1",
                        "Pod")
                .object;
        assertThat(pod.getSpec().getRestartPolicy()).isEqualTo("Always");
        assertThat(pod.getSpec().getTerminationGracePeriodSeconds()).isZero();
        V1.Pod read = proto.<V1.Pod>get(V1.Pod.newBuilder(), pods + "/sleeper").object;
        assertThat(read.getMetadata().getLabelsMap()).isEqualTo(Map.of("a", "b"));
        assertThat(read.getSpec()
                        .getContainers(0)
                        .getResources()
                        .getLimitsMap()
                        .get("memory")
                        .getString())
                .isEqualTo("64Mi");
        assertThat(proto.<V1.PodList>list(V1.PodList.newBuilder(), pods).object.getItemsCount())
                .isEqualTo(1);

        var options = Meta.DeleteOptions.newBuilder().setGracePeriodSeconds(0).build();
        assertThat(proto.<V1.Pod>delete(V1.Pod.newBuilder(), pods + "/sleeper", options)
                        .object
                        .getMetadata()
                        .getUid())
                .isEqualTo(pod.getMetadata().getUid());
        Meta.Status gone = proto.get(V1.Pod.newBuilder(), pods + "/none").status;
        assertThat(gone.getMessage()).isEqualTo("pods \"none\" not found");
        assertThat(proto.<V1.Namespace>delete(V1.Namespace.newBuilder(), namespaces + "/" + space)
                        .object
                        .getStatus()
                        .getPhase())
                .isEqualTo("Terminating");
    }

    @Test
    void objectsAreChangedInManyWays() throws ApiException {
        V1ConfigMap created =
                core.createNamespacedConfigMap(NS, settings("changed")).execute();

        assertThat(patched(V1Patch.PATCH_FORMAT_STRATEGIC_MERGE_PATCH, "{\"data\":{\"b\":\"2\"}}"))
                .isEqualTo(Map.of("a", "1", "b", "2"));
        assertThat(patched(V1Patch.PATCH_FORMAT_JSON_MERGE_PATCH, "{\"data\":{\"a\":null}}"))
                .isEqualTo(Map.of("b", "2"));
        assertThat(patched(
                        V1Patch.PATCH_FORMAT_JSON_PATCH, "[{\"op\":\"replace\",\"path\":\"/data/b\",\"value\":\"3\"}]"))
                .isEqualTo(Map.of("b", "3"));

        // Times go through the client's own type, which writes them in its own way.
        V1ConfigMap read = core.readNamespacedConfigMap("changed", NS).execute();
        assertThat(read.getMetadata().getCreationTimestamp())
                .isEqualTo(created.getMetadata().getCreationTimestamp());
        read.putDataItem("c", "4");
        assertThat(core.replaceNamespacedConfigMap("changed", NS, read)
                        .execute()
                        .getData())
                .isEqualTo(Map.of("b", "3", "c", "4"));

        ApiException stale = catchThrowableOfType(
                ApiException.class,
                () -> core.replaceNamespacedConfigMap("changed", NS, read).execute());
        assertThat(stale.getCode()).isEqualTo(409);
        assertThat(core.deleteNamespacedConfigMap("changed", NS).execute().getStatus())
                .isEqualTo("Success");
    }

    private static Map<String, String> patched(String format, String patch) throws ApiException {
        return PatchUtils.patch(
                        V1ConfigMap.class,
                        () -> core.patchNamespacedConfigMap("changed", NS, new V1Patch(patch))
                                .buildCall(null),
                        format,
                        client)
                .getData();
    }

    /** It writes every list and map that an object could have, most of them empty. */
    @Test
    void whatWasReadMayBeWrittenAsItIs() throws ApiException {
        V1Pod pod = core.readNamespacedPod("server", NS).execute();
        assertThat(core.replaceNamespacedPod("server", NS, pod)
                        .execute()
                        .getMetadata()
                        .getResourceVersion())
                .isEqualTo(pod.getMetadata().getResourceVersion());
    }

    @Test
    void fieldsHaveOwners() throws ApiException {
        assertThat(applied("first", "1", false)).isEqualTo(Map.of("a", "1"));
        ApiException refused = catchThrowableOfType(ApiException.class, () -> applied("second", "2", false));
        assertThat(refused.getCode()).isEqualTo(409);
        assertThat(refused.getResponseBody()).contains("FieldManagerConflict");
        assertThat(applied("second", "2", true)).isEqualTo(Map.of("a", "2"));
        core.deleteNamespacedConfigMap("applied", NS).execute();
    }

    private static Map<String, String> applied(String manager, String value, boolean force) throws ApiException {
        String wanted = JSON.serialize(settings("applied").putDataItem("a", value));
        return PatchUtils.patch(
                        V1ConfigMap.class,
                        () -> core.patchNamespacedConfigMap("applied", NS, new V1Patch(wanted))
                                .fieldManager(manager)
                                .force(force)
                                .buildCall(null),
                        V1Patch.PATCH_FORMAT_APPLY_YAML,
                        client)
                .getData();
    }

    @Test
    void whatIsNotThereIsNamed() {
        ApiException missing = catchThrowableOfType(
                ApiException.class,
                () -> core.readNamespacedConfigMap("nobody", NS).execute());
        assertThat(missing.getCode()).isEqualTo(404);
        V1Status status = JSON.deserialize(missing.getResponseBody(), V1Status.class);
        assertThat(status.getReason()).isEqualTo("NotFound");
        assertThat(status.getMessage()).isEqualTo("configmaps \"nobody\" not found");
        assertThat(status.getDetails().getKind()).isEqualTo("configmaps");
        assertThat(status.getDetails().getName()).isEqualTo("nobody");
    }

    @Test
    void aWatchSeesWhatHappens() throws Exception {
        try (Watch<V1ConfigMap> watch = Watch.createWatch(
                client,
                core.listNamespacedConfigMap(NS)
                        .fieldSelector("metadata.name=watched")
                        .timeoutSeconds((int) PATIENCE.toSeconds())
                        .watch(true)
                        .buildCall(null),
                CONFIG_MAPS)) {
            core.createNamespacedConfigMap(NS, settings("watched")).execute();
            assertThat(told(watch)).isEqualTo("ADDED watched {a=1}");
            V1ConfigMap changed = core.readNamespacedConfigMap("watched", NS).execute();
            core.replaceNamespacedConfigMap("watched", NS, changed.putDataItem("a", "2"))
                    .execute();
            assertThat(told(watch)).isEqualTo("MODIFIED watched {a=2}");
            core.deleteNamespacedConfigMap("watched", NS).execute();
            assertThat(told(watch)).isEqualTo("DELETED watched {a=2}");
        }
    }

    private static String told(Watch<V1ConfigMap> watch) {
        var event = watch.next();
        return event.type + " " + event.object.getMetadata().getName() + " " + event.object.getData();
    }

    @Test
    void programsRunAndEndWithTheirCode() throws Exception {
        Process process = new Exec(client)
                .newExecutionBuilder(NS, "server", new String[] {"sh", "-c", "echo out; echo err >&2; exit 3"})
                .setContainer("server")
                .execute();
        InputStream err = process.getErrorStream();
        assertThat(text(process)).isEqualTo("out\n");
        assertThat(new String(err.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("err\n");
        assertThat(process.waitFor()).isEqualTo(3);
        process.destroy();
        assertThat(run("true")).isEmpty();
    }

    /** The output of a program that succeeds. */
    private static String run(String... command) throws Exception {
        Process process = new Exec(client)
                .newExecutionBuilder(NS, "server", command)
                .setContainer("server")
                .execute();
        String out = text(process);
        assertThat(process.waitFor()).isZero();
        process.destroy();
        return out;
    }

    private static String text(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void filesAreUploadedWhole() throws Exception {
        byte[] large = new byte[1 << 20];
        new Random(7).nextBytes(large);
        Copy copy = new Copy(client);
        copy.copyFileToPod(NS, "server", "server", large, Path.of("/tmp/large"));
        try (var read = copy.copyFileFromPod(NS, "server", "/tmp/large")) {
            assertThat(read.readAllBytes()).isEqualTo(large);
        }
    }

    @Test
    void theEndOfInputEndsWhatReadsIt() throws Exception {
        Process process = new Exec(client)
                .newExecutionBuilder(NS, "server", new String[] {"wc", "-c"})
                .setContainer("server")
                .setStdin(true)
                .execute();
        try (OutputStream in = process.getOutputStream()) {
            in.write(new byte[100_000]);
        }
        assertThat(text(process)).isEqualTo("100000\n");
        assertThat(process.waitFor()).isZero();
        process.destroy();
    }

    @Test
    void aLogIsReadAndFollowed() throws Exception {
        assertThat(core.readNamespacedPodLog("server", NS).execute()).startsWith("started\n");
        try (BufferedReader log = new BufferedReader(new InputStreamReader(
                new PodLogs(client).streamNamespacedPodLog(NS, "server", "server"), StandardCharsets.UTF_8))) {
            assertThat(log.readLine()).isEqualTo("started");
            run("sh", "-c", "echo more > /proc/1/fd/1");
            assertThat(log.readLine()).isEqualTo("more");
        }
    }

    @Test
    void aPortIsForwarded() throws Exception {
        try (var forward = new PortForward(client).forward(NS, "server", List.of(8080))) {
            OutputStream out = forward.getOutboundStream(8080);
            out.write("GET /index.html HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            assertThat(new String(forward.getInputStream(8080).readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .endsWith("\r\n\r\nhello\n");
        }
    }

    @Test
    void leadershipPassesOn() throws Exception {
        BlockingQueue<String> happened = new LinkedBlockingQueue<>();
        try (LeaderElector second = elector("second")) {
            try (LeaderElector first = elector("first")) {
                lead(first, "first", happened);
                assertThat(happened.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isEqualTo("first leads");
                lead(second, "second", happened);
                assertThat(holder()).isEqualTo("first");
            }
            assertThat(happened.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("first stops");
            assertThat(happened.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("second leads");
            assertThat(holder()).isEqualTo("second");
        }
    }

    private static String holder() throws ApiException {
        return new CoordinationV1Api(client)
                .readNamespacedLease("office", NS)
                .execute()
                .getSpec()
                .getHolderIdentity();
    }

    private static LeaderElector elector(String who) {
        return new LeaderElector(new LeaderElectionConfig(
                new LeaseLock(NS, "office", who, client),
                Duration.ofSeconds(15),
                Duration.ofSeconds(10),
                Duration.ofMillis(200)));
    }

    private static void lead(LeaderElector elector, String who, BlockingQueue<String> happened) {
        Thread.ofVirtual()
                .start(() -> elector.run(() -> happened.add(who + " leads"), () -> happened.add(who + " stops")));
    }
}
