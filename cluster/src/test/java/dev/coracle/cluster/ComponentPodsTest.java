package dev.coracle.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The parts of the one process, seen as the pods that other clusters run them in. */
@Timeout(60)
class ComponentPodsTest {
    @TempDir
    java.nio.file.Path dir;

    private final SystemEnvironment system = new SystemEnvironment((n, e) -> e.printStackTrace());
    private TestApi api;
    private Client client;
    private ClientInformers informers;
    private ComponentPods pods;
    private Client.Watch watch;
    private final LinkedBlockingQueue<Unstructured> seen = new LinkedBlockingQueue<>();
    private final Map<String, Unstructured> latest = new LinkedHashMap<>();

    @BeforeEach
    void aClusterOfTwo() throws Exception {
        api = new TestApi(dir, system.environment());
        client = api.client();
        for (String name : List.of("cp", "w")) {
            client.create(
                    Resources.NODES,
                    "",
                    Unstructured.of("v1", "Node", "", name).set(List.of(ready("True")), "status", "conditions"),
                    WriteOptions.DEFAULT);
        }
        for (String name : List.of("kube-system", "ingress-nginx")) {
            api.namespace(name);
        }
        informers = new ClientInformers(client, system.environment());
        var nodes = new LinkedHashMap<String, String>();
        nodes.put("cp", "172.30.0.2");
        nodes.put("w", "172.30.0.3");
        pods = new ComponentPods(client, informers, system.environment(), nodes);
        watch = api.watchPods(seen::add);
        informers.start();
        pods.start();
    }

    @AfterEach
    void close() {
        watch.close();
        pods.close();
        informers.close();
        api.close();
        system.close();
    }

    private static Map<String, Object> ready(String status) {
        return new LinkedHashMap<>(Map.of("type", "Ready", "status", status));
    }

    private Unstructured await(String name, Predicate<Unstructured> how) throws InterruptedException {
        while (!latest.containsKey(name) || !how.test(latest.get(name))) {
            Unstructured next = seen.poll(30, TimeUnit.SECONDS);
            assertThat(next).as(name).isNotNull();
            latest.put(next.name(), next);
        }
        return latest.get(name);
    }

    private static boolean isReady(Unstructured pod) {
        return pod.objects("status", "conditions").stream()
                .anyMatch(c ->
                        c.string("type").equals("Ready") && c.string("status").equals("True"));
    }

    @Test
    void every_node_has_its_proxy_and_the_control_plane_the_rest() throws Exception {
        Unstructured proxy = await("kube-proxy-w", ComponentPodsTest::isReady);
        assertThat(proxy.string("spec", "nodeName")).isEqualTo("w");
        assertThat(proxy.string("status", "hostIP")).isEqualTo("172.30.0.3");
        assertThat(proxy.labels()).containsEntry("k8s-app", "kube-proxy");
        await("ingress-nginx-controller-cp", ComponentPodsTest::isReady);
        List<String> names = client.list(Resources.PODS, "kube-system", ListOptions.ALL).items().stream()
                .map(r -> r.name())
                .toList();
        assertThat(names).contains("kube-proxy-cp", "kube-proxy-w", "etcd-cp").doesNotContain("etcd-w", "coredns-w");
    }

    @Test
    void one_that_is_deleted_comes_back() throws Exception {
        String uid = await("kube-proxy-w", ComponentPodsTest::isReady).uid();
        client.delete(Resources.PODS, "kube-system", "kube-proxy-w", DeleteOptions.NOW);
        await("kube-proxy-w", p -> isReady(p) && !p.uid().equals(uid));
    }

    @Test
    void a_node_that_is_back_has_a_ready_proxy_again() throws Exception {
        Unstructured proxy = await("kube-proxy-w", ComponentPodsTest::isReady);
        for (String status : List.of("Unknown", "True")) {
            Unstructured node = client.get(Resources.NODES, "", "w").object().copy();
            if (status.equals("Unknown")) {
                Unstructured gone = proxy.copy();
                gone.set(List.of(ready("False")), "status", "conditions");
                client.update(Resources.PODS, gone, WriteOptions.STATUS);
                await("kube-proxy-w", p -> !isReady(p));
            }
            client.update(
                    Resources.NODES, node.set(List.of(ready(status)), "status", "conditions"), WriteOptions.STATUS);
        }
        await("kube-proxy-w", ComponentPodsTest::isReady);
    }
}
