package dev.coracle.bench.scale;

import dev.coracle.bench.Figures;
import dev.coracle.bench.Program;
import dev.coracle.bench.Table;
import dev.coracle.bench.scale.HollowCluster.Part;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "controllers",
        description = {
            "What the controllers need for work of a size, on nodes that run nothing, through the API server and a store"
                    + " on disk.",
            "The reference is a program that makes the same writes without looking at anything."
        },
        mixinStandardHelpOptions = true)
public final class Controlling implements Callable<Integer> {
    private static final String NAMESPACE = HollowCluster.NAMESPACE;
    private static final Map<String, String> APP = Map.of("app", "hollow");

    @Option(names = "--nodes", defaultValue = "100", description = "Default: ${DEFAULT-VALUE}.")
    private int nodes;

    @Option(names = "--pods", defaultValue = "10000", description = "Default: ${DEFAULT-VALUE}.")
    private int pods;

    @Option(names = "--dependants", defaultValue = "10000", description = "Default: ${DEFAULT-VALUE}.")
    private int dependants;

    @Option(names = "--objects", defaultValue = "5000", description = "In a namespace (default: ${DEFAULT-VALUE}).")
    private int objects;

    @Option(names = "--idle", defaultValue = "30", description = "Seconds to look on for (default: ${DEFAULT-VALUE}).")
    private int idle;

    @Option(names = "--only", split = ",", description = "Of ${COMPLETION-CANDIDATES}; default: all.")
    private List<Scenario> only = List.of(Scenario.values());

    /** What is measured. */
    enum Scenario {
        DEPLOYMENT,
        STEADY,
        GARBAGE,
        NAMESPACE,
        UNRELATED
    }

    private final Table table = new Table(1, "", "ours", "reference", "ratio");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    public static void main(String[] args) {
        Program.run(new Controlling(), args);
    }

    @Override
    public Integer call() throws Exception {
        try (var system = new SystemEnvironment((task, e) -> e.printStackTrace(System.err))) {
            Environment environment = system.environment();
            for (Scenario scenario : only) {
                switch (scenario) {
                    case DEPLOYMENT ->
                        row(
                                pods + " replicas, applied until all run, s",
                                rollOut(environment),
                                createByHand(environment));
                    case STEADY ->
                        row(
                                "CPU with " + pods + " pods and " + nodes
                                        + " nodes that only renew their leases, % of a core",
                                steady(environment, EnumSet.allOf(Part.class)),
                                steady(environment, Set.of()));
                    case GARBAGE ->
                        row(
                                dependants + " dependants collected, s",
                                collect(environment, true),
                                collect(environment, false));
                    case NAMESPACE ->
                        row(
                                "a namespace of " + objects + " objects gone, s",
                                empty(environment, true),
                                empty(environment, false));
                    case UNRELATED ->
                        row(
                                "a Deployment of 10 beside " + pods + " pods of others, and alone, ms",
                                one(environment, pods),
                                one(environment, 0));
                }
            }
        }
        spec.commandLine().getOut().print(table);
        spec.commandLine().getOut().flush();
        return 0;
    }

    private void row(String what, double ours, double reference) {
        System.err.println(what + ": " + Figures.number(ours));
        table.row(List.of(what, Figures.number(ours), Figures.number(reference), Figures.ratio(ours, reference)));
    }

    private static double seconds(Environment environment, long since) {
        return environment.clock().elapsed(since).toNanos() / 1e9;
    }

    // ---- a Deployment

    private static Unstructured deployment(String name, int replicas) {
        return Unstructured.of("apps/v1", "Deployment", NAMESPACE, name)
                .set((long) replicas, "spec", "replicas")
                .set(Map.of("app", name), "spec", "selector", "matchLabels")
                .set(Map.of("app", name), "spec", "template", "metadata", "labels")
                .set(Shape.BASIC.pod(0).get("spec"), "spec", "template", "spec");
    }

    private static boolean runs(Revision pod) {
        return pod.object().string("status", "phase").equals("Running");
    }

    private double rollOut(Environment environment) throws Exception {
        try (var cluster = new HollowCluster(environment, enough(), EnumSet.allOf(Part.class))) {
            return rollOut(cluster, "hollow", pods);
        }
    }

    /** Until the Deployment's own status says so. */
    private static double rollOut(HollowCluster cluster, String name, int replicas) throws Exception {
        try (var available = new Seen(
                cluster,
                Resources.DEPLOYMENTS,
                ListOptions.fields("metadata.name=" + name),
                1,
                (type, d) -> d.object().integer(0, "status", "availableReplicas") == replicas)) {
            long began = cluster.environment().clock().nanos();
            cluster.client().create(Resources.DEPLOYMENTS, NAMESPACE, deployment(name, replicas), WriteOptions.DEFAULT);
            available.await();
            return seconds(cluster.environment(), began);
        }
    }

    /** Nodes that have room for the pods, 110 each. */
    private int enough() {
        return Math.max(nodes, pods / 40 + 1);
    }

    private double createByHand(Environment environment) throws Exception {
        try (var cluster = new HollowCluster(environment, enough(), Set.of())) {
            Client client = cluster.client();
            long began = environment.clock().nanos();
            cluster.each(pods, i -> runByHand(cluster, client, i));
            return seconds(environment, began);
        }
    }

    private void runByHand(HollowCluster cluster, Client client, int i) {
        Unstructured pod = Shape.BASIC.pod(i);
        client.create(Resources.PODS, NAMESPACE, pod, WriteOptions.DEFAULT);
        cluster.bind(pod.name(), "node-" + i % enough());
        client.patch(
                Resources.PODS, NAMESPACE, pod.name(), HollowNodes.running(cluster.environment()), WriteOptions.STATUS);
    }

    private double one(Environment environment, int others) throws Exception {
        try (var cluster = new HollowCluster(environment, enough(), EnumSet.allOf(Part.class))) {
            if (others > 0) {
                rollOut(cluster, "others", others);
            }
            double[] took = new double[5];
            for (int i = 0; i < took.length; i++) {
                took[i] = rollOut(cluster, "one-" + i, 10) * 1000;
            }
            java.util.Arrays.sort(took);
            return took[took.length / 2];
        }
    }

    // ---- nothing to do

    /** Of one core, in per cent. */
    private double steady(Environment environment, Set<Part> parts) throws Exception {
        try (var cluster = new HollowCluster(environment, enough(), parts)) {
            if (parts.isEmpty()) {
                cluster.each(pods, i -> runByHand(cluster, cluster.client(), i));
            } else {
                rollOut(cluster, "hollow", pods);
            }
            try (var beats = new Heartbeats(cluster, enough())) {
                environment.sleep(Duration.ofSeconds(settle()));
                long before = cpuNanos();
                long began = environment.clock().nanos();
                environment.sleep(Duration.ofSeconds(idle));
                return 100.0
                        * (cpuNanos() - before)
                        / environment.clock().elapsed(began).toNanos();
            }
        }
    }

    /** Until what was begun before has ended and the compiler is done. */
    private long settle() {
        return Math.min(idle, 15);
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    // ---- things that go

    private double collect(Environment environment, boolean ours) throws Exception {
        try (var cluster = new HollowCluster(environment, 0, ours ? Set.of(Part.CONTROLLERS) : Set.of())) {
            Client client = cluster.client();
            String uid = client.create(Resources.CONFIG_MAPS, NAMESPACE, map("owner"), WriteOptions.DEFAULT)
                    .uid();
            List<Map<String, Object>> owners =
                    List.of(Map.of("apiVersion", "v1", "kind", "ConfigMap", "name", "owner", "uid", uid));
            cluster.each(
                    dependants,
                    i -> client.create(
                            Resources.CONFIG_MAPS,
                            NAMESPACE,
                            map("map-" + i).set(owners, "metadata", "ownerReferences"),
                            WriteOptions.DEFAULT));
            environment.sleep(Duration.ofSeconds(2));
            try (var gone = new Seen(
                    cluster,
                    Resources.CONFIG_MAPS,
                    ListOptions.labels("app=hollow"),
                    dependants + 1,
                    (type, o) -> type == WatchEvent.Type.DELETED)) {
                long began = environment.clock().nanos();
                client.delete(
                        Resources.CONFIG_MAPS, NAMESPACE, "owner", DeleteOptions.DEFAULT.propagation("Background"));
                if (!ours) {
                    cluster.each(
                            dependants,
                            i -> client.delete(Resources.CONFIG_MAPS, NAMESPACE, "map-" + i, DeleteOptions.DEFAULT));
                }
                gone.await();
                return seconds(environment, began);
            }
        }
    }

    private static Unstructured map(String name) {
        return Unstructured.of("v1", "ConfigMap", NAMESPACE, name).set(APP, "metadata", "labels");
    }

    private double empty(Environment environment, boolean ours) throws Exception {
        try (var cluster = new HollowCluster(environment, 0, ours ? Set.of(Part.CONTROLLERS) : Set.of())) {
            Client client = cluster.client();
            cluster.each(
                    objects,
                    i -> client.create(Resources.CONFIG_MAPS, NAMESPACE, map("map-" + i), WriteOptions.DEFAULT));
            environment.sleep(Duration.ofSeconds(2));
            long began = environment.clock().nanos();
            if (ours) {
                client.delete(Resources.NAMESPACES, "", NAMESPACE, DeleteOptions.DEFAULT);
                while (cluster.has(Resources.NAMESPACES, "", NAMESPACE)) {
                    environment.sleep(Duration.ofMillis(5));
                }
            } else {
                cluster.each(
                        objects,
                        i -> client.delete(Resources.CONFIG_MAPS, NAMESPACE, "map-" + i, DeleteOptions.DEFAULT));
            }
            return seconds(environment, began);
        }
    }

    /** Each node's lease, renewed every ten seconds as a kubelet does, evenly over time. */
    private static final class Heartbeats implements AutoCloseable {
        private static final Duration PERIOD = Duration.ofSeconds(10);
        private static final int SLICES = 100;

        private final AutoCloseable timer;
        private int turn;

        Heartbeats(HollowCluster cluster, int nodes) {
            Environment environment = cluster.environment();
            cluster.each(
                    nodes,
                    i -> cluster.client()
                            .create(
                                    Resources.LEASES,
                                    "kube-node-lease",
                                    Unstructured.of("coordination.k8s.io/v1", "Lease", "kube-node-lease", "node-" + i)
                                            .set("node-" + i, "spec", "holderIdentity")
                                            .set(40L, "spec", "leaseDurationSeconds"),
                                    WriteOptions.DEFAULT));
            this.timer = environment.timers().every(PERIOD.dividedBy(SLICES), () -> {
                int slice = turn++ % SLICES;
                for (int i = slice; i < nodes; i += SLICES) {
                    renew(cluster.client(), "node-" + i, environment);
                }
            })::cancel;
        }

        private static void renew(Client client, String node, Environment environment) {
            String now = environment
                    .clock()
                    .now()
                    .truncatedTo(java.time.temporal.ChronoUnit.MICROS)
                    .toString();
            client.patch(
                    Resources.LEASES,
                    "kube-node-lease",
                    node,
                    Patch.merge(
                            Unstructured.of("coordination.k8s.io/v1", "Lease").set(now, "spec", "renewTime")),
                    WriteOptions.DEFAULT);
        }

        @Override
        public void close() throws Exception {
            timer.close();
        }
    }
}
