package dev.coracle.kubelet.server;

import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import dev.coracle.runtime.RuntimeService.PodSandbox;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A kubelet's server with one pod, {@code default/web-0}: container {@code app} runs for the second time, {@code side}
 * waits for its image, {@code init} has not been seen by anybody.
 */
final class ServerStage implements AutoCloseable {
    final LocalRuntime runtime = new LocalRuntime();
    final List<Throwable> uncaught = new CopyOnWriteArrayList<>();
    final TestPki pki = new TestPki();
    final SystemEnvironment system = new SystemEnvironment((task, failure) -> uncaught.add(failure));
    final KubeletServer server;
    final Path log;
    final Path previousLog;
    final HttpClient client;

    private final Unstructured pod = Unstructured.parse("""
            {"apiVersion": "v1", "kind": "Pod",
             "metadata": {"namespace": "default", "name": "web-0", "uid": "uid-1"},
             "spec": {"initContainers": [{"name": "init"}], "containers": [{"name": "app"}, {"name": "side"}]},
             "status": {"containerStatuses": [
               {"name": "side", "state": {"waiting": {"reason": "ImagePullBackOff"}}}]}}
            """);

    ServerStage(Path directory) throws Exception {
        log = directory.resolve("1.log");
        previousLog = directory.resolve("0.log");
        runtime.change(container("app-1", log, ContainerState.RUNNING));
        runtime.change(container("app-0", previousLog, ContainerState.EXITED));
        TestPki.Signed serving = pki.sign("CN=system:node:node-1,O=system:nodes");
        server = new KubeletServer(
                new ServerConfig("node-1", "127.0.0.1", 0, serving.certificatePem(), serving.keyPem(), pki.caPem()),
                new OnePod(),
                runtime,
                system.environment());
        server.start();
        client = client("O=system:masters,CN=kube-apiserver-kubelet-client");
    }

    /** @param subject null for a client without a certificate */
    HttpClient client(String subject) throws Exception {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(pki.context(subject == null ? null : pki.sign(subject)))
                .build();
    }

    private static final Map<String, String> LABELS = Map.of(
            "io.kubernetes.pod.namespace", "default",
            "io.kubernetes.pod.name", "web-0",
            "io.kubernetes.pod.uid", "uid-1");

    static ContainerStatus container(String id, Path log, ContainerState state) {
        return new ContainerStatus(
                id, "sandbox-1", "app", 1, state, 1, 1, 0, 0, "", "", "", "", "", log.toString(), LABELS, Map.of());
    }

    private final class OnePod implements PodLookup {
        @Override
        public List<Unstructured> pods() {
            return List.of(pod);
        }

        @Override
        public Optional<Unstructured> pod(String namespace, String name) {
            return namespace.equals("default") && name.equals("web-0") ? Optional.of(pod) : Optional.empty();
        }

        @Override
        public Optional<ContainerStatus> container(String podUid, String name, boolean previous) {
            return name.equals("app") ? runtime.containerStatus(previous ? "app-0" : "app-1") : Optional.empty();
        }

        @Override
        public Optional<PodSandbox> sandbox(String podUid) {
            return Optional.of(new PodSandbox(
                    "sandbox-1", "default", "web-0", podUid, 0, true, 1, List.of(), "", Map.of(), Map.of()));
        }
    }

    URI uri(String scheme, String path) {
        return URI.create(scheme + "://127.0.0.1:" + server.port() + path);
    }

    HttpResponse<String> get(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(uri("https", path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        client.close();
        server.close();
        system.close();
    }
}
