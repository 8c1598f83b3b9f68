package dev.coracle.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The programs at their smallest: what they print is one line for each thing they measured. */
class ScaleTest {
    private static String run(Callable<Integer> program, String... args) {
        var out = new StringWriter();
        CommandLine line = new CommandLine(program).setOut(new PrintWriter(out));
        assertThat(line.execute(args)).isZero();
        return out.toString();
    }

    @Test
    void everyShapeOfPodIsScheduled() {
        assertThat(run(new Scheduling(), "--nodes", "3", "--pods", "6").lines()).hasSize(1 + Shape.values().length);
    }

    @Test
    void whatControllersAreAskedIsDone() {
        // The others are about idleness, and take their time.
        List<String> scenarios = List.of("DEPLOYMENT", "GARBAGE", "NAMESPACE");
        String told = run(
                new Controlling(),
                "--pods",
                "5",
                "--nodes",
                "2",
                "--dependants",
                "5",
                "--objects",
                "5",
                "--only",
                String.join(",", scenarios));

        assertThat(told.lines()).hasSize(1 + scenarios.size());
    }

    @Test
    void customKindsAreMeasuredBesideBuiltInOnes() {
        assertThat(run(new CustomKinds(), "--objects", "5", "--turns", "1", "--definitions", "5")
                        .lines())
                .hasSize(1 + 7);
    }
}
