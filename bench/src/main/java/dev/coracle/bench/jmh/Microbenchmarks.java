package dev.coracle.bench.jmh;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs those that match the arguments, which are JMH's own, and shows each beside its reference. */
public final class Microbenchmarks {
    private Microbenchmarks() {}

    public static void main(String[] args) throws Exception {
        CommandLineOptions given;
        try {
            given = new CommandLineOptions(args);
        } catch (CommandLineOptionException e) {
            boolean asked = List.of(args).contains("--help");
            if (!asked) {
                System.err.println(e.getMessage());
            }
            new CommandLineOptions("-h").showHelp();
            System.exit(asked ? 0 : 2);
            return;
        }
        if (given.shouldHelp()) {
            given.showHelp();
            return;
        }
        var options = new OptionsBuilder()
                .parent(given)
                .mode(Mode.Throughput)
                .timeUnit(TimeUnit.SECONDS)
                .forks(given.getForkCount().orElse(1))
                .warmupIterations(given.getWarmupIterations().orElse(3))
                .warmupTime(given.getWarmupTime().orElse(TimeValue.seconds(1)))
                .measurementIterations(given.getMeasurementIterations().orElse(5))
                .measurementTime(given.getMeasurementTime().orElse(TimeValue.seconds(1)))
                .jvmArgsAppend("-Xmx1g", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow")
                .build();
        Collection<RunResult> results = new Runner(options).run();
        System.out.println();
        System.out.print(Comparison.of(results.stream()
                .map(r -> new Comparison.Score(
                        r.getParams().getBenchmark().replaceFirst("^.*\\.(?=[A-Z])", ""),
                        r.getParams().getParamsKeys().stream()
                                .map(k -> k + "=" + r.getParams().getParam(k))
                                .reduce((a, b) -> a + " " + b)
                                .orElse(""),
                        r.getPrimaryResult().getStatistics().getPercentile(50)))
                .toList()));
    }
}
