package dev.coracle.bench.scale;

import dev.coracle.bench.Figures;
import dev.coracle.bench.Program;
import dev.coracle.bench.Table;
import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "scheduler",
        description = {
            "Pods a second, from the creation of the first to the binding of the last, through the API server and a store"
                    + " on disk, onto nodes that run nothing.",
            "The reference is the same without a scheduler: whoever creates a pod binds it, to the next node in turn."
        },
        mixinStandardHelpOptions = true)
public final class Scheduling implements Callable<Integer> {
    private static final int WARM_NODES = 100;
    private static final int WARM_PODS = 2000;

    @Option(names = "--nodes", split = ",", defaultValue = "5000", description = "Default: ${DEFAULT-VALUE}.")
    private List<Integer> nodes = List.of();

    @Option(names = "--pods", defaultValue = "10000", description = "At most (default: ${DEFAULT-VALUE}).")
    private int pods;

    @Option(names = "--only", split = ",", description = "Of ${COMPLETION-CANDIDATES}; default: all.")
    private List<Shape> only = List.of(Shape.values());

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    public static void main(String[] args) {
        Program.run(new Scheduling(), args);
    }

    @Override
    public Integer call() throws Exception {
        Table table = new Table(
                1,
                "shape",
                "nodes",
                "pods",
                "a second",
                "reference",
                "ratio",
                "p50, ms",
                "reference",
                "p99, ms",
                "reference");
        try (var system = new SystemEnvironment((task, e) -> e.printStackTrace(System.err))) {
            // Nobody is the first to run cold code.
            for (boolean scheduled : new boolean[] {false, true}) {
                Shape first = only.getFirst();
                int few = Math.min(Math.min(WARM_PODS, pods), first.atMost(WARM_NODES));
                run(system.environment(), first, WARM_NODES, few, scheduled);
            }
            for (Shape shape : only) {
                for (int n : nodes) {
                    int count = Math.min(pods, shape.atMost(n));
                    Run reference = run(system.environment(), shape, n, count, false);
                    Run ours = run(system.environment(), shape, n, count, true);
                    table.row(List.of(
                            shape.words(),
                            "" + n,
                            "" + count,
                            Figures.number(ours.rate()),
                            Figures.number(reference.rate()),
                            Figures.ratio(ours.rate(), reference.rate()),
                            Figures.number(ours.p50),
                            Figures.number(reference.p50),
                            Figures.number(ours.p99),
                            Figures.number(reference.p99)));
                    System.err.println(
                            shape.words() + ", " + n + " nodes: " + Figures.number(ours.rate()) + " a second");
                }
            }
        }
        spec.commandLine().getOut().print(table);
        spec.commandLine().getOut().flush();
        return 0;
    }

    /** @param p50 milliseconds from a pod's creation to its binding, of half of them */
    private record Run(int pods, double seconds, double p50, double p99) {
        double rate() {
            return pods / seconds;
        }
    }

    private static Run run(Environment environment, Shape shape, int nodes, int pods, boolean scheduled)
            throws Exception {
        var parts = scheduled ? Set.of(HollowCluster.Part.SCHEDULER) : Set.<HollowCluster.Part>of();
        try (var cluster = new HollowCluster(environment, nodes, parts);
                AutoCloseable beside = shape.beside(cluster)) {
            Client client = cluster.client();
            var created = new ConcurrentHashMap<String, Long>();
            try (var bound = new Seen(
                    cluster,
                    Resources.PODS,
                    ListOptions.fields("spec.nodeName!="),
                    pods,
                    (type, pod) -> created.containsKey(pod.name()))) {
                long began = environment.clock().nanos();
                cluster.each(pods, i -> {
                    Unstructured pod = shape.pod(i);
                    created.put(pod.name(), due(environment, began, shape.perSecond(), i));
                    client.create(Resources.PODS, HollowCluster.NAMESPACE, pod, WriteOptions.DEFAULT);
                    if (!scheduled) {
                        shape.place(cluster, pod.name(), i % nodes);
                    }
                });
                bound.await();
                double seconds = environment.clock().elapsed(began).toNanos() / 1e9;
                return new Run(pods, seconds, bound.quantile(created, 0.5), bound.quantile(created, 0.99));
            }
        }
    }

    /** Waits for when the next pod is to come; that moment counts, though it were late. */
    private static long due(Environment environment, long began, int perSecond, int i) {
        if (perSecond == 0) {
            return environment.clock().nanos();
        }
        long due = began + i * 1_000_000_000L / perSecond;
        try {
            environment.sleep(
                    Duration.ofNanos(Math.max(0, due - environment.clock().nanos())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return due;
    }
}
