package dev.coracle.cli;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * Does once what every start does, on a port of the loopback and without nodes, for the JVM to remember in an AOT cache
 * (JEP 483, 514): {@code java -XX:AOTCacheOutput=… dev.coracle.cli.Rehearsal PART}. It is no command; the launcher runs it
 * after a build, once for each of the {@link Part}s.
 *
 * <p>Why two: the JVM loads all that a cache holds, needed or not, some 7 KB a class. A cluster that idles should not hold an
 * HTTPS client and the verbs of kubectl; a command, gone after a moment, may.
 */
final class Rehearsal {
    private enum Part {
        /** The daemon: API server, controllers and scheduler, asked in its own process; and what its nodes are made of. */
        CLUSTER,
        /** The commands: the same asked over HTTPS, and every class of ours. */
        COMMANDS;

        /** Whether a class is at least loaded and linked, though nobody came by it here. */
        boolean looksAt(String name) {
            return this == COMMANDS || NODE.matcher(name).lookingAt();
        }
    }

    /** What nodes are made of: no rehearsal without containers would come by it. */
    private static final Pattern NODE = Pattern.compile("dev\\.coracle\\.(cluster|kubelet|network|runtime)\\.");

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
        Part part = Part.valueOf(args[0].toUpperCase(Locale.ROOT));
        Path dir = Files.createTempDirectory("coracle-rehearsal");
        try (var system = new SystemEnvironment((name, e) -> {})) {
            new CommandLine(new Main()).parseArgs("up");
            play(part, dir, system.environment());
            lookAtClasses(part);
        } finally {
            delete(dir);
        }
        System.exit(0);
    }

    private static void play(Part part, Path dir, Environment environment) throws Exception {
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
            switch (part) {
                case CLUSTER -> ask(api.client(UserInfo.ADMIN));
                case COMMANDS -> askAsKubectlDoes(api, pki, admin, environment);
            }
            scheduler.close();
            controllers.close();
            informers.close();
        }
    }

    private static void askAsKubectlDoes(ApiServer api, Pki pki, KeyPairPem admin, Environment environment)
            throws Exception {
        var endpoint = Endpoint.mutual(
                URI.create("https://127.0.0.1:" + api.address().getPort()),
                pki.caCertificate(),
                admin.certificate(),
                admin.clientKey());
        try (var client = new HttpsClient(endpoint, environment)) {
            ask(client);
        }
    }

    /** Until two pods are there and judged by the scheduler. */
    private static void ask(Client client) throws Exception {
        CountDownLatch judged = new CountDownLatch(2);
        try (var watch = client.watch(Resources.PODS, "default", ListOptions.ALL, new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                if (!event.revision().object().objects("status", "conditions").isEmpty()) {
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

    @SuppressWarnings("unchecked")
    private static Unstructured parsed(String yaml) {
        return new Unstructured((Map<String, Object>) Yaml.parseAll(yaml).getFirst());
    }

    private static void lookAtClasses(Part part) throws IOException {
        for (String entry : System.getProperty("java.class.path").split(":")) {
            Path jar = Path.of(entry);
            if (Files.isRegularFile(jar)) {
                try (var files = new JarFile(jar.toFile())) {
                    files.stream()
                            .map(JarEntry::getName)
                            .filter(n -> n.startsWith("dev/coracle/") && n.endsWith(".class"))
                            .map(n -> n.substring(0, n.length() - ".class".length())
                                    .replace('/', '.'))
                            .filter(n -> !n.endsWith("package-info") && part.looksAt(n))
                            .forEach(Rehearsal::load);
                }
            }
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
