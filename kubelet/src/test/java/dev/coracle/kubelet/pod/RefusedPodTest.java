package dev.coracle.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;

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
import dev.coracle.runtime.ImageService;
import dev.coracle.runtime.RuntimeService;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A pod that asks for what its node does not give, on a node whose runtime has nothing and must not be asked to make anything. */
class RefusedPodTest {
    @TempDir
    Path dir;

    private final List<String> events = new ArrayList<>();
    private final List<Unstructured> written = new ArrayList<>();
    private final List<String> made = new ArrayList<>();

    private static <T> T fake(Class<T> type, InvocationHandler answers) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, answers));
    }

    private Unstructured sync(String spec) {
        Revision pod = new Revision(Resources.PODS, 1, ("""
                {"metadata": {"name": "p", "namespace": "default", "uid": "u1"},
                 "spec": {"containers": [{"name": "main", "image": "i"}], %s}}""".formatted(spec)).getBytes(StandardCharsets.UTF_8));
        Client client = fake(Client.class, (proxy, method, args) -> {
            if (method.getName().equals("update")) {
                written.add(((Unstructured) args[1]).object("status"));
            }
            return pod;
        });
        RuntimeService runtime = fake(RuntimeService.class, (proxy, method, args) -> {
            if (!method.getName().startsWith("list")) {
                made.add(method.getName());
                if (args[0] instanceof RuntimeService.PodSandboxConfig config) {
                    assertThat(config.pidsLimit()).isEqualTo(NodeSettings.POD_PIDS_LIMIT);
                }
                throw new dev.coracle.runtime.CriException("not here");
            }
            return List.of();
        });
        ImageService images = fake(ImageService.class, (proxy, method, args) -> {
            throw new dev.coracle.runtime.CriException("not here");
        });
        var environment = new VirtualEnvironment(1).environment();
        var node = new NodeSettings(
                "n",
                "127.0.0.1",
                dir.resolve("pods"),
                dir.resolve("logs"),
                "10.96.0.10",
                "cluster.local",
                1000,
                1 << 30);
        var context = new PodContext(
                node,
                client,
                runtime,
                images,
                environment,
                (about, type, reason, message) -> events.add(type + " " + reason + ": " + message),
                new Volumes(node.pods(), client, environment, node.resourceFields()),
                question -> {
                    throw new AssertionError("nothing is to be probed");
                },
                namespace -> List.of(),
                new ContainerConfigs(node, client),
                new Sandboxes(node),
                new Admission(() -> PodStage.NODE));
        PodWorker worker = new PodWorker(context, "u1", () -> {});
        worker.offer(pod);
        worker.sync();
        return written.getLast();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kernel.core_pattern | false | \"kernel.core_pattern\" not allowlisted",
                "kernel/core_pattern | false | \"kernel.core_pattern\" not allowlisted",
                "net/../kernel/core_pattern | false | \"net.//.kernel.core_pattern\" not allowlisted",
                "kernel.msgmax | false | \"kernel.msgmax\" not allowlisted",
                "net.core.somaxconn | false | \"net.core.somaxconn\" not allowlisted",
                "net.ipv4.tcp_syncookies | true | \"net.ipv4.tcp_syncookies\" not allowed with host net enabled"
            })
    void is_failed_and_nothing_of_it_is_made(String sysctl, boolean hostNetwork, String why) {
        Unstructured status = sync("""
                "hostNetwork": %s, "securityContext": {"sysctls": [{"name": "%s", "value": "x"}]}""".formatted(hostNetwork, sysctl));
        assertThat(status.string("phase")).isEqualTo("Failed");
        assertThat(status.string("reason")).isEqualTo("SysctlForbidden");
        assertThat(status.has("containerStatuses")).isFalse();
        assertThat(status.string("message")).isEqualTo("Pod was rejected: forbidden sysctl: " + why);
        assertThat(events).containsExactly("Warning SysctlForbidden: forbidden sysctl: " + why);
        assertThat(made).isEmpty();
    }

    @Test
    void one_that_is_too_big_or_wants_another_node_fails_with_the_predicate_as_reason() {
        Unstructured status = sync("\"nodeSelector\": {\"disk\": \"fast\"}");
        assertThat(status.string("phase")).isEqualTo("Failed");
        assertThat(status.string("reason")).isEqualTo("NodeAffinity");
        String why = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";
        assertThat(status.string("message")).isEqualTo("Pod was rejected: " + why);
        assertThat(status.has("containerStatuses")).isFalse();

        assertThat(sync("\"resources\": {\"requests\": {\"cpu\": \"5\"}}").string("message"))
                .isEqualTo("Pod was rejected: Node didn't have enough resource: cpu, requested: 5000, used: 0,"
                        + " capacity: 4000");
        assertThat(events)
                .containsExactly(
                        "Warning NodeAffinity: " + why,
                        "Warning OutOfcpu: Node didn't have enough resource: cpu, requested: 5000, used: 0,"
                                + " capacity: 4000");
        assertThat(made).isEmpty();
    }

    @Test
    void one_with_a_safe_setting_goes_on_to_its_sandbox() {
        Unstructured status = sync("""
                "securityContext": {"sysctls": [{"name": "net/ipv4/tcp_syncookies", "value": "0"}]}""");
        assertThat(status.string("phase")).isEqualTo("Pending");
        assertThat(made).contains("runPodSandbox");
    }
}
