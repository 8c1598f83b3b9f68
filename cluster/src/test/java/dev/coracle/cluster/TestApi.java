package dev.coracle.cluster;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.ApiServerConfig;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.cluster.pki.KeyPairPem;
import dev.coracle.cluster.pki.Pki;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** An API server in this process, with nothing before or behind it. */
final class TestApi implements AutoCloseable {
    private final MemoryStore store;
    private final ApiServer server;

    TestApi(Path dir, Environment environment) throws IOException {
        this(dir, environment, 0);
    }

    TestApi(Path dir, Environment environment, int port) throws IOException {
        store = new MemoryStore(environment);
        Pki pki = Pki.open(dir.resolve("pki"), environment);
        KeyPairPem serving = pki.server("apiserver", "kube-apiserver", List.of("127.0.0.1"));
        KeyPairPem kubelet = pki.client("kubelet", "kube-apiserver-kubelet-client", "system:masters");
        server = new ApiServer(new ApiServerConfig(
                store,
                environment,
                "127.0.0.1",
                port,
                serving.certificate(),
                serving.key(),
                pki.caCertificate(),
                kubelet.certificate(),
                kubelet.key(),
                "10.96.0.0/16"));
        server.start();
    }

    Client client() {
        return server.client(UserInfo.ADMIN);
    }

    /** With the service account that pods are held to. */
    void namespace(String name) {
        try {
            client().create(
                            Resources.NAMESPACES,
                            "",
                            Unstructured.of("v1", "Namespace", "", name),
                            WriteOptions.DEFAULT);
        } catch (StatusException e) {
            if (!e.isAlreadyExists()) {
                throw e;
            }
        }
        client().create(
                        Resources.SERVICE_ACCOUNTS,
                        name,
                        Unstructured.of("v1", "ServiceAccount", name, "default"),
                        WriteOptions.DEFAULT);
    }

    Client.Watch watchPods(Consumer<Unstructured> pods) {
        return client().watch(Resources.PODS, "", ListOptions.ALL, new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                if (event.type() == WatchEvent.Type.ADDED || event.type() == WatchEvent.Type.MODIFIED) {
                    pods.accept(event.revision().object());
                }
            }

            @Override
            public void onClosed(StatusException cause) {}
        });
    }

    @Override
    public void close() {
        server.close();
        store.close();
    }
}
