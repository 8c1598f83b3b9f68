package dev.coracle.bench.scale;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.structural.StructuralSchema;
import dev.coracle.bench.Figures;
import dev.coracle.bench.Program;
import dev.coracle.bench.Table;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "customresources",
        description = {
            "What custom resources cost, through the API server and a store on disk: the creation of an object beside a"
                    + " ConfigMap of the same size, in turns; one CEL rule; and definitions until all are Established."
        },
        mixinStandardHelpOptions = true)
public final class CustomKinds implements Callable<Integer> {
    private static final GroupVersionResource DEFINITIONS =
            new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");
    private static final int RULES = 10;

    @Option(names = "--objects", defaultValue = "2000", description = "In a turn (default: ${DEFAULT-VALUE}).")
    private int objects;

    @Option(names = "--turns", defaultValue = "5", description = "After one to warm up (default: ${DEFAULT-VALUE}).")
    private int turns;

    @Option(names = "--definitions", defaultValue = "500", description = "Default: ${DEFAULT-VALUE}.")
    private int definitions;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    public static void main(String[] args) {
        Program.run(new CustomKinds(), args);
    }

    @Override
    public Integer call() throws Exception {
        Table table = new Table(1, "what", "measured", "reference", "ratio", "wanted");
        try (var system = new SystemEnvironment((task, e) -> e.printStackTrace(System.err))) {
            creations(table, system.environment());
            rule(table, system.environment());
            established(table, system.environment(), "small", CustomKind.FIELDS);
            established(table, system.environment(), "large", CustomKind.MANY_FIELDS);
        }
        spec.commandLine().getOut().print(table);
        spec.commandLine().getOut().flush();
        return 0;
    }

    // ---- objects

    private void creations(Table table, Environment environment) throws Exception {
        try (var cluster = new HollowCluster(environment, 0, Set.of())) {
            define(
                    cluster,
                    List.of(
                            CustomKind.definition("plains", CustomKind.FIELDS, 0),
                            CustomKind.definition("ruleds", CustomKind.FIELDS, RULES)));
            Map<String, List<Double>> micros = new LinkedHashMap<>();
            for (int turn = 0; turn <= turns; turn++) {
                String name = "o-" + turn + "-";
                double configMap = create(cluster, CustomKind.configMaps(), i -> CustomKind.configMap(name + i));
                double plain =
                        create(cluster, CustomKind.resource("plains"), i -> CustomKind.object("plains", name + i));
                double ruled =
                        create(cluster, CustomKind.resource("ruleds"), i -> CustomKind.object("ruleds", name + i));
                if (turn > 0) {
                    micros.computeIfAbsent("", k -> new ArrayList<>()).add(configMap);
                    micros.computeIfAbsent("created, µs", k -> new ArrayList<>())
                            .add(plain);
                    micros.computeIfAbsent("with " + RULES + " rules, µs", k -> new ArrayList<>())
                            .add(ruled);
                }
            }
            double reference = Figures.median(micros.getOrDefault("", List.of()));
            micros.forEach((what, all) -> {
                if (!what.isEmpty()) {
                    double ours = Figures.median(all);
                    table.row(List.of(
                            what,
                            Figures.number(ours),
                            Figures.number(reference),
                            Figures.ratio(ours, reference),
                            "1.3×"));
                }
            });
        }
    }

    /** Microseconds of the machine's time for each, many at once: so the disk is shared and not what is measured. */
    private double create(HollowCluster cluster, GroupVersionResource resource, IntFunction<Unstructured> object) {
        long began = cluster.environment().clock().nanos();
        cluster.each(
                objects,
                i -> cluster.client().create(resource, HollowCluster.NAMESPACE, object.apply(i), WriteOptions.DEFAULT));
        return micros(cluster.environment(), began) / objects;
    }

    // ---- rules

    private void rule(Table table, Environment environment) {
        StructuralSchema plain = StructuralSchema.parse(CustomKind.schema(CustomKind.FIELDS, 0));
        StructuralSchema ruled = StructuralSchema.parse(CustomKind.schema(CustomKind.FIELDS, RULES));
        List<Double> without = new ArrayList<>();
        List<Double> with = new ArrayList<>();
        for (int turn = 0; turn <= turns; turn++) {
            double a = check(environment, plain);
            double b = check(environment, ruled);
            if (turn > 0) {
                without.add(a);
                with.add(b);
            }
        }
        double reference = Figures.median(without);
        double one = (Figures.median(with) - reference) / RULES;
        table.row(
                List.of("a rule, µs; reference: all else", Figures.number(one), Figures.number(reference), "-", "20"));
    }

    private double check(Environment environment, StructuralSchema schema) {
        Unstructured o = CustomKind.object("ruleds", "one");
        int times = objects * 10;
        long began = environment.clock().nanos();
        for (int i = 0; i < times; i++) {
            Findings findings = new Findings();
            schema.check(findings, o, null);
            if (!findings.causes().isEmpty()) {
                throw new IllegalStateException("the object is wrong: " + findings.causes());
            }
        }
        return micros(environment, began) / times;
    }

    // ---- definitions

    /** The reference for the time is the first fifth of them: what each costs must not grow with their number. */
    private void established(Table table, Environment environment, String size, int fields) throws Exception {
        try (var cluster = new HollowCluster(environment, 0, Set.of())) {
            double before = heap();
            int first = Math.max(1, definitions / 5);
            double few = define(cluster, made(size, 0, first, fields));
            double rest = define(cluster, made(size, first, definitions, fields));
            double held = heap() - before;
            table.row(List.of(
                    definitions + " " + size + ", s; reference: at the first fifth's pace",
                    Figures.number(few + rest),
                    Figures.number(few * definitions / first),
                    Figures.ratio(few + rest, few * definitions / first),
                    "10"));
            table.row(List.of("what they hold, MiB of heap", Figures.number(Math.max(0, held)), "-", "-", "150"));
        }
    }

    private static List<Unstructured> made(String size, int from, int to, int fields) {
        List<Unstructured> all = new ArrayList<>();
        for (int i = from; i < to; i++) {
            all.add(CustomKind.definition(size + i + "s", fields, 0));
        }
        return all;
    }

    /** Seconds until all are Established. */
    private static double define(HollowCluster cluster, List<Unstructured> all) throws Exception {
        Set<String> names = Set.copyOf(all.stream().map(Unstructured::name).toList());
        try (var seen = new Seen(
                cluster,
                DEFINITIONS,
                ListOptions.ALL,
                all.size(),
                (type, crd) -> names.contains(crd.name()) && isEstablished(crd.object()))) {
            long began = cluster.environment().clock().nanos();
            cluster.each(all.size(), i -> cluster.client().create(DEFINITIONS, "", all.get(i), WriteOptions.DEFAULT));
            seen.await();
            return micros(cluster.environment(), began) / 1e6;
        }
    }

    private static boolean isEstablished(Unstructured crd) {
        return crd.objects("status", "conditions").stream()
                .anyMatch(c -> c.string("type").equals("Established")
                        && c.string("status").equals("True"));
    }

    private static double micros(Environment environment, long began) {
        return environment.clock().elapsed(began).toNanos() / 1e3;
    }

    /** MiB that are alive. */
    private static double heap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) / (1024.0 * 1024);
    }
}
