package dev.coracle.bench.scale;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.ApiServerConfig;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.Informer;
import dev.coracle.client.WriteOptions;
import dev.coracle.cluster.pki.KeyPairPem;
import dev.coracle.cluster.pki.Pki;
import dev.coracle.controllers.Controllers;
import dev.coracle.controllers.ControllersConfig;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Together;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.Scheduler;
import dev.coracle.store.Store;
import dev.coracle.store.embedded.EmbeddedStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/**
 * API server, durable store, and of scheduler, controllers and {@linkplain HollowNodes nodes that run nothing} those that
 * are asked for, in this process. What it writes is gone when it is closed.
 */
final class HollowCluster implements AutoCloseable {
    /** What there is besides the API server. */
    enum Part {
        SCHEDULER,
        CONTROLLERS,
        /** Says of every pod that has a node that it runs. */
        KUBELETS
    }

    static final String NAMESPACE = "scale";
    private static final int ZONES = 3;
    private static final int AT_ONCE = 32;

    private final Environment environment;
    private final Path dir;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final Client client;
    private final Informer pods;
    private final int nodes;

    HollowCluster(Environment environment, int nodes, Set<Part> parts) throws IOException, InterruptedException {
        this.environment = environment;
        this.nodes = nodes;
        this.dir = Files.createTempDirectory("bench");
        running.push(() -> delete(dir));
        Store store = EmbeddedStore.open(dir.resolve("store"), environment);
        running.push(store);
        Pki pki = Pki.open(dir.resolve("pki"), environment);
        KeyPairPem serving = pki.server("apiserver", "kube-apiserver", List.of("127.0.0.1"));
        KeyPairPem kubelets = pki.client("kubelets", "kubelets", UserInfo.MASTERS);
        ApiServer api = new ApiServer(new ApiServerConfig(
                store,
                environment,
                "127.0.0.1",
                0,
                serving.certificate(),
                serving.key(),
                pki.caCertificate(),
                kubelets.certificate(),
                kubelets.key(),
                "10.96.0.0/16"));
        api.start();
        running.push(api);
        client = api.client(UserInfo.ADMIN);
        client.create(
                Resources.NAMESPACES, "", Unstructured.of("v1", "Namespace", "", NAMESPACE), WriteOptions.DEFAULT);
        if (!parts.contains(Part.CONTROLLERS)) {
            client.create(
                    Resources.SERVICE_ACCOUNTS,
                    NAMESPACE,
                    Unstructured.of("v1", "ServiceAccount", NAMESPACE, "default"),
                    WriteOptions.DEFAULT);
        }
        each(nodes, i -> client.create(Resources.NODES, "", node(i), WriteOptions.DEFAULT));

        ClientInformers informers =
                new ClientInformers(api.client(UserInfo.component("system:kube-controller-manager")), environment);
        if (parts.contains(Part.CONTROLLERS)) {
            Controllers controllers = new Controllers(
                    api.client(UserInfo.component("system:kube-controller-manager")),
                    informers,
                    environment,
                    new ControllersConfig(dir.resolve("volumes"), pki.caCertificate(), Duration.ofHours(1)));
            controllers.start();
            running.push(controllers);
        }
        if (parts.contains(Part.SCHEDULER)) {
            var scheduler =
                    new Scheduler(api.client(UserInfo.component("system:kube-scheduler")), informers, environment);
            scheduler.start();
            running.push(scheduler);
        }
        if (parts.contains(Part.KUBELETS)) {
            running.push(new HollowNodes(client, informers, environment));
        }
        pods = informers.of(Resources.PODS);
        informers.start();
        running.push(informers);
        while (!pods.synced()
                || parts.contains(Part.CONTROLLERS) && !has(Resources.SERVICE_ACCOUNTS, NAMESPACE, "default")) {
            environment.sleep(Duration.ofMillis(20));
        }
    }

    boolean has(GroupVersionResource resource, String namespace, String name) {
        try {
            client.get(resource, namespace, name);
            return true;
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return false;
            }
            throw e;
        }
    }

    /** As large as upstream's: 4 CPUs, 32 GiB, 110 pods. */
    private static Unstructured node(int i) {
        String name = "node-" + i;
        Unstructured node = Unstructured.of("v1", "Node", "", name)
                .set(name, "metadata", "labels", "kubernetes.io/hostname")
                .set("zone-" + i % ZONES, "metadata", "labels", "topology.kubernetes.io/zone");
        for (String amounts : List.of("capacity", "allocatable")) {
            node.set("4", "status", amounts, "cpu")
                    .set("32Gi", "status", amounts, "memory")
                    .set("110", "status", amounts, "pods");
        }
        node.set(List.of(Map.of("type", "Ready", "status", "True")), "status", "conditions");
        return node;
    }

    Client client() {
        return client;
    }

    int nodes() {
        return nodes;
    }

    /** Until whoever looks at pods here has seen so many. */
    void awaitPods(int count) throws InterruptedException {
        while (pods.list().size() < count) {
            environment.sleep(Duration.ofMillis(20));
        }
    }

    Environment environment() {
        return environment;
    }

    /** Runs {@code work} for 0 to {@code count} exclusive, many at once, and returns when all are done. */
    void each(int count, IntConsumer work) {
        Together.run(environment.tasks(), AT_ONCE, count, work);
    }

    /** As a scheduler that has nothing to decide. */
    void bind(String pod, String node) {
        client.post(
                Resources.PODS,
                NAMESPACE,
                pod,
                "binding",
                Unstructured.of("v1", "Binding", NAMESPACE, pod)
                        .set("v1", "target", "apiVersion")
                        .set("Node", "target", "kind")
                        .set(node, "target", "name"));
    }

    @Override
    public void close() {
        while (!running.isEmpty()) {
            try {
                running.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException("while stopping", e);
            }
        }
    }

    private static void delete(Path dir) {
        try (Stream<Path> all = Files.walk(dir)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
