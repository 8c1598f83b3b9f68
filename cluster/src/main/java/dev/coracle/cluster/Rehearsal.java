package dev.coracle.cluster;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.ApiServerConfig;
import dev.coracle.apiserver.FrontProxy;
import dev.coracle.apiserver.authentication.LegacyTokens;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.client.https.Endpoint;
import dev.coracle.client.https.HttpsClient;
import dev.coracle.cluster.pki.KeyPairPem;
import dev.coracle.cluster.pki.Pki;
import dev.coracle.controllers.Controllers;
import dev.coracle.controllers.ControllersConfig;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.Scheduler;
import dev.coracle.store.Store;
import dev.coracle.store.embedded.EmbeddedStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Does once what every start does, on a port of the loopback and without nodes, for the JVM to remember in an AOT cache
 * (JEP 483, 514): {@code java -XX:AOTCacheOutput=… dev.coracle.cluster.Rehearsal}. It is no command; the launcher runs it after
 * a build.
 */
final class Rehearsal {
    private static final String WORKLOAD = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, namespace: default}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec: {containers: [{name: web, image: web, ports: [{containerPort: 80}]}]}
            """;

    private Rehearsal() {}

    public static void main(String[] args) throws Exception {
        Path dir = Files.createTempDirectory("coracle-rehearsal");
        try (var system = new SystemEnvironment((name, e) -> {})) {
            play(dir, system.environment());
            lookAtAllClasses();
        } finally {
            delete(dir);
        }
        System.exit(0);
    }

    private static void play(Path dir, Environment environment) throws Exception {
        Pki pki = Pki.open(dir.resolve("pki"), environment);
        KeyPairPem serving = pki.server("apiserver", "kube-apiserver", List.of("127.0.0.1"));
        KeyPairPem admin = pki.client("admin", "kubernetes-admin", UserInfo.MASTERS);
        try (Store store = EmbeddedStore.open(dir.resolve("store"), environment);
                ApiServer api = new ApiServer(new ApiServerConfig(
                        store,
                        environment,
                        "127.0.0.1",
                        0,
                        serving.certificate(),
                        serving.key(),
                        pki.caCertificate(),
                        admin.certificate(),
                        admin.key(),
                        "10.96.0.0/16",
                        pki::serviceAccountKey,
                        FrontProxy.NONE))) {
            api.start();
            Client manager = api.client(UserInfo.component("system:kube-controller-manager"));
            var informers = new ClientInformers(manager, environment);
            var controllers = new Controllers(
                    manager,
                    informers,
                    environment,
                    new ControllersConfig(dir.resolve("volumes"), pki.caCertificate(), Duration.ofSeconds(50))
                            .signing(pki.caKey(), new LegacyTokens(pki::serviceAccountKey)::sign));
            controllers.start();
            var scheduler =
                    new Scheduler(api.client(UserInfo.component("system:kube-scheduler")), informers, environment);
            scheduler.start();
            informers.start();
            ask(api, pki, admin, environment);
            scheduler.close();
            controllers.close();
            informers.close();
        }
    }

    /** As kubectl does, over HTTPS; until two pods are there and judged by the scheduler. */
    private static void ask(ApiServer api, Pki pki, KeyPairPem admin, Environment environment) throws Exception {
        var endpoint = Endpoint.mutual(
                URI.create("https://127.0.0.1:" + api.address().getPort()),
                pki.caCertificate(),
                admin.certificate(),
                admin.clientKey());
        try (var client = new HttpsClient(endpoint, environment)) {
            CountDownLatch judged = new CountDownLatch(2);
            try (var watch = client.watch(Resources.PODS, "default", ListOptions.ALL, new Client.WatchListener() {
                @Override
                public void onEvent(WatchEvent event) {
                    if (!event.revision()
                            .object()
                            .objects("status", "conditions")
                            .isEmpty()) {
                        judged.countDown();
                    }
                }

                @Override
                public void onClosed(StatusException cause) {}
            })) {
                client.create(Resources.DEPLOYMENTS, "default", parsed(WORKLOAD), WriteOptions.DEFAULT);
                judged.await(20, TimeUnit.SECONDS);
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static Unstructured parsed(String yaml) {
        return new Unstructured((Map<String, Object>) Yaml.parseAll(yaml).getFirst());
    }

    /** What nodes need, and no rehearsal without containers would come by, is at least loaded and linked. */
    private static void lookAtAllClasses() throws IOException {
        for (String entry : System.getProperty("java.class.path").split(":")) {
            Path jar = Path.of(entry);
            if (Files.isRegularFile(jar)) {
                try (var files = FileSystems.newFileSystem(jar)) {
                    look(files.getPath("dev/coracle"));
                }
            }
        }
    }

    private static void look(Path under) throws IOException {
        if (!Files.isDirectory(under)) {
            return;
        }
        try (Stream<Path> classes = Files.walk(under)) {
            classes.map(Path::toString)
                    .filter(n -> n.endsWith(".class") && !n.endsWith("package-info.class"))
                    .map(n -> n.substring(0, n.length() - ".class".length())
                            .replaceFirst("^/", "")
                            .replace('/', '.'))
                    .forEach(Rehearsal::load);
        }
    }

    private static void load(String name) {
        try {
            Class.forName(name, false, Rehearsal.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            // It needs what is not here; then no start comes by it either.
        }
    }

    private static void delete(Path dir) throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path p : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(p);
            }
        }
    }
}
