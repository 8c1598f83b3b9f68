package dev.coracle.bench.cluster;

import dev.coracle.bench.Figures;
import dev.coracle.bench.Program;
import dev.coracle.bench.Table;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.client.https.HttpsClient;
import dev.coracle.client.https.Kubeconfig;
import dev.coracle.cluster.ClusterPaths;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.oci.OciImageStore;
import dev.coracle.runtime.oci.build.BaseImage;
import dev.coracle.runtime.oci.build.ImageBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "pods",
        description = "From the creation of pods to the last of them being Ready, beside a bare container of runc.",
        mixinStandardHelpOptions = true)
public final class Pods implements Callable<Integer> {
    private static final String IMAGE = "coracle/bench:1";
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    @Option(names = "--kubeconfig", required = true)
    private Path kubeconfig = Path.of("");

    @Option(
            names = "--image",
            defaultValue = "",
            description = "One with a shell that the nodes have. Default: a busybox made here and loaded into Coracle.")
    private String image = "";

    @Option(
            names = "--counts",
            split = ",",
            defaultValue = "1,30",
            description = "How many at once (default: ${DEFAULT-VALUE}).")
    private List<Integer> counts = List.of();

    @Option(names = "--runs", defaultValue = "5", description = "Of each (default: ${DEFAULT-VALUE}).")
    private int runs;

    public static void main(String[] args) {
        Program.run(new Pods(), args);
    }

    @Override
    public Integer call() throws Exception {
        try (var system = new SystemEnvironment((task, e) -> e.printStackTrace(System.err));
                var client = new HttpsClient(Kubeconfig.read(kubeconfig).endpoint(), system.environment());
                var bare = BareContainer.prepare()) {
            Environment environment = system.environment();
            if (image.isEmpty()) {
                loadImage(environment);
            }
            String namespace = "pods-" + environment.entropy().suffix(5);
            client.create(
                    Resources.NAMESPACES, "", Unstructured.of("v1", "Namespace", "", namespace), WriteOptions.DEFAULT);
            try {
                awaitAccount(client, namespace, environment);
                System.out.print(measure(client, namespace, bare, environment));
            } finally {
                client.delete(Resources.NAMESPACES, "", namespace, DeleteOptions.DEFAULT);
            }
        }
        return 0;
    }

    private static void loadImage(Environment environment) throws IOException {
        Path archive = Files.createTempFile("bench", ".tar");
        try (var store = new OciImageStore(ClusterPaths.home(System.getenv()).resolve("images"), environment)) {
            Files.delete(archive);
            new ImageBuilder(IMAGE).layer(BaseImage.busybox()).command("sh").writeTo(archive);
            store.loadImage(archive);
        } finally {
            Files.deleteIfExists(archive);
        }
    }

    private static void awaitAccount(Client client, String namespace, Environment environment)
            throws InterruptedException {
        while (true) {
            try {
                client.get(Resources.SERVICE_ACCOUNTS, namespace, "default");
                return;
            } catch (StatusException e) {
                if (!e.isNotFound()) {
                    throw e;
                }
                environment.sleep(BETWEEN_LOOKS);
            }
        }
    }

    private Table measure(Client client, String namespace, BareContainer bare, Environment environment)
            throws Exception {
        List<Double> alone = new ArrayList<>();
        List<List<Double>> all = new ArrayList<>();
        counts.forEach(c -> all.add(new ArrayList<>()));
        // The first run of each is not counted.
        for (int run = 0; run <= runs; run++) {
            double container = bare.run(environment.clock());
            if (run > 0) {
                alone.add(container);
            }
            for (int c = 0; c < counts.size(); c++) {
                double took = run(client, namespace, "run" + run, counts.get(c), environment);
                if (run > 0) {
                    all.get(c).add(took);
                }
            }
        }
        Table table = new Table(1, "until all are Ready", "milliseconds", "a pod", "to a bare container");
        double reference = Figures.median(alone);
        table.row(List.of("a bare container", Figures.number(reference), "", ""));
        for (int c = 0; c < counts.size(); c++) {
            double took = Figures.median(all.get(c));
            double each = took / counts.get(c);
            table.row(List.of(
                    counts.get(c) + (counts.get(c) == 1 ? " pod" : " pods at once"),
                    Figures.number(took),
                    Figures.number(each),
                    Figures.ratio(each, reference)));
        }
        return table;
    }

    /** So many at once; milliseconds until the last is Ready. They are gone when this returns. */
    private double run(Client client, String namespace, String prefix, int count, Environment environment)
            throws Exception {
        var ready = new Seen(count);
        String version = client.list(Resources.PODS, namespace, ListOptions.ALL).resourceVersion();
        try (var watch = client.watch(Resources.PODS, namespace, ListOptions.ALL.from(version), ready)) {
            long began = environment.clock().nanos();
            for (int i = 0; i < count; i++) {
                Unstructured pod = pod(prefix + "-" + i);
                environment
                        .tasks()
                        .start("create", () -> client.create(Resources.PODS, namespace, pod, WriteOptions.DEFAULT));
            }
            if (!ready.all.await(2, TimeUnit.MINUTES)) {
                throw new IllegalStateException(ready.all.getCount() + " of " + count + " pods did not get Ready");
            }
            double took = environment.clock().elapsed(began).toNanos() / 1e6;
            for (int i = 0; i < count; i++) {
                client.delete(Resources.PODS, namespace, prefix + "-" + i, DeleteOptions.NOW);
            }
            while (!client.list(Resources.PODS, namespace, ListOptions.ALL)
                    .items()
                    .isEmpty()) {
                environment.sleep(BETWEEN_LOOKS);
            }
            return took;
        }
    }

    private Unstructured pod(String name) {
        return Unstructured.of("v1", "Pod", "", name)
                .set(0L, "spec", "terminationGracePeriodSeconds")
                .add(
                        Map.of(
                                "name",
                                "main",
                                "image",
                                image.isEmpty() ? IMAGE : image,
                                "imagePullPolicy",
                                "IfNotPresent",
                                "command",
                                List.of("sh", "-c", "sleep 3600")),
                        "spec",
                        "containers");
    }

    /** Counts pods as they get Ready. */
    private static final class Seen implements Client.WatchListener {
        private final Set<String> ready = ConcurrentHashMap.newKeySet();
        private final CountDownLatch all;

        Seen(int count) {
            this.all = new CountDownLatch(count);
        }

        @Override
        public void onEvent(WatchEvent event) {
            if (event.type() != WatchEvent.Type.BOOKMARK
                    && Boot.isReady(event.revision())
                    && ready.add(event.revision().uid())) {
                all.countDown();
            }
        }

        @Override
        public void onClosed(StatusException cause) {
            throw cause;
        }
    }
}
