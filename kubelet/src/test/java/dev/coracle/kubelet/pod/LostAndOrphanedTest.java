package dev.coracle.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.client.Client;
import dev.coracle.kubelet.admission.Admission;
import dev.coracle.kubelet.container.ContainerConfigs;
import dev.coracle.kubelet.container.NodeSettings;
import dev.coracle.kubelet.container.Sandboxes;
import dev.coracle.kubelet.volume.Volumes;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.os.Mounts;
import dev.coracle.machinery.os.Processes;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.ImageService;
import dev.coracle.runtime.RuntimeService;
import dev.coracle.runtime.RuntimeService.PodSandbox;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers that were told as running and are not there; files and mounts of which there is no pod. */
class LostAndOrphanedTest {
    @TempDir
    Path dir;

    private final List<Unstructured> written = new ArrayList<>();
    private final List<Integer> attempts = new ArrayList<>();
    private final List<String> removed = new ArrayList<>();
    private final VirtualEnvironment world = new VirtualEnvironment(1);
    private List<PodSandbox> sandboxes = List.of();
    private PodContext context;
    private Revision pod;

    private static <T> T fake(Class<T> type, InvocationHandler answers) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, answers));
    }

    @BeforeEach
    void node() {
        Client client = fake(Client.class, (proxy, method, args) -> {
            if (method.getName().equals("update")) {
                written.add(((Unstructured) args[1]).object("status"));
            }
            return pod;
        });
        RuntimeService runtime = fake(RuntimeService.class, (proxy, method, args) -> switch (method.getName()) {
            case "listPodSandbox" -> sandboxes;
            case "listContainers" -> List.of();
            case "createContainer" -> {
                attempts.add(((RuntimeService.ContainerConfig) args[1]).attempt());
                throw new CriException("full");
            }
            case "removePodSandbox" -> {
                removed.add((String) args[0]);
                sandboxes = List.of();
                yield null;
            }
            default -> null;
        });
        ImageService images = fake(
                ImageService.class,
                (proxy, method, args) ->
                        Optional.of(new ImageService.Image("sha256:1", List.of("i"), List.of(), 1, "", 0)));
        var environment = world.environment();
        var node = new NodeSettings(
                "n",
                "127.0.0.1",
                dir.resolve("pods"),
                dir.resolve("logs"),
                "10.96.0.10",
                "cluster.local",
                1000,
                1 << 30);
        context = new PodContext(
                node,
                client,
                runtime,
                images,
                environment,
                (about, type, reason, message) -> {},
                new Volumes(node.pods(), client, environment, node.resourceFields()),
                question -> {
                    throw new AssertionError("nothing is to be probed");
                },
                namespace -> List.of(),
                new ContainerConfigs(node, client),
                new Sandboxes(node),
                new Admission(() -> PodStage.NODE));
    }

    private static PodSandbox sandbox(String uid) {
        return new PodSandbox(
                "s-" + uid, "default", "p", uid, 0, true, 0, List.of("10.0.0.1"), "/ns", Map.of(), Map.of());
    }

    private static Revision pod(String policy, String status) {
        return new Revision(Resources.PODS, 1, ("""
                {"metadata": {"name": "p", "namespace": "default", "uid": "u1"},
                 "spec": {"restartPolicy": "%s",
                          "containers": [{"name": "main", "image": "i", "imagePullPolicy": "IfNotPresent"}]},
                 "status": {"phase": "Running", "containerStatuses": [{"name": "main", %s}]}}""".formatted(policy, status)).getBytes(StandardCharsets.UTF_8));
    }

    private Unstructured sync(String policy, String status) {
        pod = pod(policy, status);
        sandboxes = List.of(sandbox("u1"));
        PodWorker worker = new PodWorker(context, "u1", () -> {});
        worker.offer(pod);
        worker.sync();
        return written.getLast();
    }

    private static final String RUNNING = "\"restartCount\": 2, \"state\": {\"running\": {}}";

    @Test
    void a_lost_container_shows_as_upstream_and_is_started_again() {
        Unstructured status = sync("Always", RUNNING);
        Unstructured main = status.objects("containerStatuses").getFirst();
        assertThat(main.integer(0, "lastState", "terminated", "exitCode")).isEqualTo(137);
        assertThat(main.string("lastState", "terminated", "reason")).isEqualTo("ContainerStatusUnknown");
        assertThat(main.string("lastState", "terminated", "message"))
                .isEqualTo("The container could not be located when the pod was deleted.  "
                        + "The container used to be Running");
        assertThat(main.integer(0, "restartCount")).isEqualTo(3);
        assertThat(status.string("phase")).isEqualTo("Running");
        assertThat(attempts).containsExactly(3);

        // What was told once is told again, and not counted twice.
        Unstructured again = sync(
                "Always",
                "\"restartCount\": 3, \"state\": {\"waiting\": {}}, \"lastState\": "
                        + "{\"terminated\": {\"exitCode\": 137, \"reason\": \"ContainerStatusUnknown\"}}");
        assertThat(again.objects("containerStatuses").getFirst().integer(0, "restartCount"))
                .isEqualTo(3);
        assertThat(attempts).containsExactly(3, 3);
    }

    @Test
    void a_pod_that_is_to_run_once_has_failed_when_its_container_is_lost() {
        Unstructured status = sync("Never", RUNNING);
        assertThat(status.string("phase")).isEqualTo("Failed");
        assertThat(attempts).isEmpty();
    }

    @Test
    void one_that_has_ended_keeps_the_address_that_it_had() {
        pod = new Revision(Resources.PODS, 1, """
                {"metadata": {"name": "p", "namespace": "default", "uid": "u1"},
                 "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "i"}]},
                 "status": {"phase": "Succeeded", "podIP": "10.0.0.9", "podIPs": [{"ip": "10.0.0.9"}],
                  "containerStatuses": [{"name": "main", "state": {"terminated": {"exitCode": 0}}}]}}""".getBytes(StandardCharsets.UTF_8));
        PodWorker worker = new PodWorker(context, "u1", () -> {});
        worker.offer(pod);
        worker.sync();
        assertThat(written).allSatisfy(status -> {
            assertThat(status.string("podIP")).isEqualTo("10.0.0.9");
            assertThat(status.objects("podIPs")).hasSize(1);
        });
        assertThat(written)
                .as("it is told anew, by a kubelet that never saw it run")
                .isNotEmpty();
    }

    @Test
    void one_that_never_ran_is_started() {
        sync("Never", "\"restartCount\": 0, \"state\": {\"waiting\": {\"reason\": \"ContainerCreating\"}}");
        assertThat(attempts).containsExactly(0);
    }

    @Test
    void a_pod_from_before_a_restart_keeps_its_port_though_a_new_one_was_told_of_first() {
        String spec = """
                {"metadata": {"name": "%1$s", "namespace": "default", "uid": "%1$s"},
                 "spec": {"containers": [{"name": "main", "image": "i", "imagePullPolicy": "IfNotPresent",
                                          "ports": [{"containerPort": 80, "hostPort": 80}]}]}%2$s}""";
        Revision old = new Revision(
                Resources.PODS,
                1,
                spec.formatted("old", ", \"status\": {\"phase\": \"Running\", \"startTime\": \"2026-01-01T00:00:00Z\"}")
                        .getBytes(StandardCharsets.UTF_8));
        pod = new Revision(Resources.PODS, 2, spec.formatted("new", "").getBytes(StandardCharsets.UTF_8));
        try (PodWorkers workers = new PodWorkers(context)) {
            workers.onChange(null, pod);
            workers.onChange(null, old);
            world.settle();
            assertThat(written).as("before all were told of").isEmpty();
            workers.start();
            world.settle();
            assertThat(written.getLast().string("phase")).isEqualTo("Failed");
            assertThat(written.getLast().string("reason")).isEqualTo("NodePorts");
        }
    }

    @Test
    void what_is_of_no_pod_goes_with_its_mounts_and_what_is_of_one_stays() throws IOException {
        assumeTrue(Processes.uid() == 0, "mounts need root");
        Path secret = Files.createDirectories(dir.resolve("pods/gone/volumes/kubernetes.io~secret/s"));
        Mounts.mount("tmpfs", secret, "tmpfs", 0, "");
        Path part = Files.createDirectories(dir.resolve("pods/gone/volume-subpaths/v/main/0"));
        Path data = Files.createDirectories(dir.resolve("data"));
        Files.writeString(data.resolve("precious"), "x");
        Mounts.bind(data, part, false);
        Path elsewhere = Files.createDirectories(dir.resolve("pods/gone/elsewhere"));
        Mounts.bind(data, elsewhere, false);
        Files.createDirectories(dir.resolve("logs/default_p_gone/main"));
        Files.createDirectories(dir.resolve("logs/default_q_gone2/main"));
        Files.createDirectories(dir.resolve("logs/default_p_u1/main"));
        Files.createDirectories(dir.resolve("logs/a_.."));
        Files.createDirectories(dir.resolve("logs/a_"));
        Files.createDirectories(dir.resolve("pods/u1/mine"));
        sandboxes = List.of(sandbox("gone"));
        pod = pod("Always", RUNNING);
        try (PodWorkers workers = new PodWorkers(context)) {
            workers.onChange(null, pod);
            workers.start();
            workers.removeOrphans();
            world.settle();
            assertThat(Mounts.under(dir)).isEmpty();
            assertThat(removed).containsExactly("s-gone");
            assertThat(dir.resolve("pods")).isDirectoryNotContaining("glob:**/gone");
            assertThat(dir.resolve("pods/u1/mine")).isDirectory();
            assertThat(data.resolve("precious")).hasContent("x");
            assertThat(Volumes.names(dir.resolve("logs"))).containsExactlyInAnyOrder("default_p_u1", "a_..", "a_");
        }
    }
}
