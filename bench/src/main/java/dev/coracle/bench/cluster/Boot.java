package dev.coracle.bench.cluster;

import dev.coracle.bench.Figures;
import dev.coracle.bench.Program;
import dev.coracle.bench.Table;
import dev.coracle.client.ListOptions;
import dev.coracle.client.https.HttpsClient;
import dev.coracle.client.https.Kubeconfig;
import dev.coracle.cluster.ClusterDescription;
import dev.coracle.cluster.ClusterPaths;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "boot",
        description = {
            "From the start of `./coracle up` to three nodes that are Ready, with its start-up cache and without;",
            "and what the cluster holds of memory when it has nothing to do. Needs root, as `up` does."
        },
        mixinStandardHelpOptions = true)
public final class Boot implements Callable<Integer> {
    private static final String NAME = "bench-boot";
    /** As the JVM spells it; read by its launcher before all else. */
    private static final Map<String, String> WITHOUT_CACHE =
            Map.of("CORACLE_BUILD", "no", "JDK_JAVA_OPTIONS", "-XX:AOTMode=off");

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(5);

    @Option(names = "--runs", defaultValue = "5", description = "Of each, in turns (default: ${DEFAULT-VALUE}).")
    private int runs;

    @Option(
            names = "--idle",
            defaultValue = "20",
            description = "Seconds of idleness before memory is read (default: ${DEFAULT-VALUE}).")
    private int idle;

    public static void main(String[] args) {
        Program.run(new Boot(), args);
    }

    @Override
    public Integer call() throws Exception {
        Path dist = Path.of(System.getProperty("coracle.dist", "."));
        Path home = Files.createTempDirectory("coracle-bench");
        try (var system = new SystemEnvironment((task, e) -> e.printStackTrace(System.err))) {
            Environment environment = system.environment();
            // Builds, rehearses, and brings files into the system's cache.
            up(dist, home, Map.of(), environment);
            down(dist, home);
            List<Double> with = new ArrayList<>();
            List<Double> without = new ArrayList<>();
            for (int run = 0; run < runs; run++) {
                with.add(up(dist, home, Map.of("CORACLE_BUILD", "no"), environment));
                if (run == runs - 1) {
                    break; // It stays for its memory to be read.
                }
                down(dist, home);
                without.add(up(dist, home, WITHOUT_CACHE, environment));
                down(dist, home);
            }
            environment.sleep(Duration.ofSeconds(idle));
            Memory memory = Memory.of(ClusterDescription.read(new ClusterPaths(home, NAME))
                    .orElseThrow()
                    .pid());
            down(dist, home);
            without.add(up(dist, home, WITHOUT_CACHE, environment));
            down(dist, home);
            print(Figures.median(with), Figures.median(without), memory);
        } finally {
            down(dist, home);
            run(new ProcessBuilder("rm", "-rf", home.toString()).inheritIO());
        }
        return 0;
    }

    private static void print(double with, double without, Memory memory) {
        Table table = new Table(1, "three nodes Ready", "seconds", "ratio");
        table.row(List.of("with the start-up cache", Figures.number(with), Figures.ratio(with, without)));
        table.row(List.of("without", Figures.number(without), ""));
        System.out.println(table);
        Table idle = new Table(1, "idle", "MiB", "ratio");
        idle.row(List.of("resident", Figures.number(memory.residentMiB()), ""));
        idle.row(List.of(
                "live heap", Figures.number(memory.heapMiB()), Figures.ratio(memory.heapMiB(), memory.residentMiB())));
        System.out.print(idle);
    }

    /** A new cluster each time; how many seconds until all its nodes are Ready. */
    private static double up(Path dist, Path home, Map<String, String> more, Environment environment) throws Exception {
        ProcessBuilder command = coracle(dist, home, "up", "--name", NAME)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(home.resolve("up.log").toFile());
        command.environment().putAll(more);
        long began = environment.clock().nanos();
        if (run(command) != 0) {
            throw new IllegalStateException("`coracle up` failed:\n" + Files.readString(home.resolve("up.log")));
        }
        Path kubeconfig = new ClusterPaths(home, NAME).kubeconfig();
        try (var client = new HttpsClient(Kubeconfig.read(kubeconfig).endpoint(), environment)) {
            while (client.list(Resources.NODES, "", ListOptions.ALL).items().stream()
                            .filter(Boot::isReady)
                            .count()
                    < 3) {
                environment.sleep(BETWEEN_LOOKS);
            }
            return environment.clock().elapsed(began).toNanos() / 1e9;
        }
    }

    static boolean isReady(Revision object) {
        return object.object().objects("status", "conditions").stream()
                .anyMatch(c ->
                        c.string("type").equals("Ready") && c.string("status").equals("True"));
    }

    private static void down(Path dist, Path home) throws IOException, InterruptedException {
        if (ClusterDescription.read(new ClusterPaths(home, NAME)).isPresent()) {
            run(coracle(dist, home, "down", "--name", NAME, "--delete")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT));
        }
    }

    private static ProcessBuilder coracle(Path dist, Path home, String... words) {
        List<String> command = new ArrayList<>(List.of(dist.resolve("coracle").toString()));
        command.addAll(List.of(words));
        ProcessBuilder b = new ProcessBuilder(command);
        b.environment().put("CORACLE_HOME", home.toString());
        return b;
    }

    private static int run(ProcessBuilder command) throws IOException, InterruptedException {
        return command.start().waitFor();
    }
}
