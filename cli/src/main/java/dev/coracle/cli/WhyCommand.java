package dev.coracle.cli;

import dev.coracle.cli.kubectl.print.Columns;
import dev.coracle.machinery.object.Unstructured;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "why",
        mixinStandardHelpOptions = true,
        description = "Tells why something is as it is.",
        subcommands = WhyCommand.OfPod.class)
final class WhyCommand {
    @Command(
            name = "pod",
            mixinStandardHelpOptions = true,
            description = {
                "Why a pod went to its node, or to none: for each node the rule that refused it there and what would",
                "help, or what each rule scored it; from the scheduler's last attempt."
            })
    static final class OfPod implements Callable<Integer> {
        @Mixin
        private ClusterOptions cluster = new ClusterOptions();

        @Option(
                names = {"-n", "--namespace"},
                defaultValue = "default",
                description = "Default: ${DEFAULT-VALUE}.")
        private String namespace = "default";

        @Option(names = "--json", description = "For programs.")
        private boolean json;

        @Parameters(paramLabel = "POD")
        private String pod = "";

        @Override
        public Integer call() {
            String answer = cluster.ask(List.of("why", "pod", namespace, pod));
            if (json) {
                System.out.println(answer);
            } else {
                print(Unstructured.parse(answer), System.out);
            }
            return 0;
        }
    }

    static void print(Unstructured why, PrintStream out) {
        String node = why.string("node");
        out.println(why.string("namespace") + "/" + why.string("pod") + " "
                + (node.isEmpty() ? "fits on no node: " + why.string("message") : "was sent to " + node) + " ("
                + why.string("at") + ")");
        List<Unstructured> refused =
                why.objects("nodes").stream().filter(n -> n.has("plugin")).toList();
        if (!refused.isEmpty()) {
            out.println();
            Columns table = Columns.table().row("NODE", "REFUSED BY", "BECAUSE", "WHAT WOULD HELP");
            refused.forEach(n -> table.row(
                    n.string("name"),
                    n.string("plugin"),
                    String.join(", ", n.stringList("reasons")),
                    n.string("remedy").isEmpty() ? "<unknown>" : n.string("remedy")));
            table.flush(out);
        }
        List<Unstructured> scored = why.objects("nodes").stream()
                .filter(n -> n.has("scores"))
                .sorted((a, b) -> Long.compare(b.integer(0, "total"), a.integer(0, "total")))
                .toList();
        if (!scored.isEmpty()) {
            out.println();
            Columns table = Columns.table().row("NODE", "SCORE", "OF WHICH");
            scored.forEach(n -> table.row(n.string("name"), n.integer(0, "total") + "", parts(n)));
            table.flush(out);
        }
    }

    private static String parts(Unstructured node) {
        Map<String, Object> scores = new TreeMap<>(node.object("scores").map());
        return String.join(
                ", ",
                scores.entrySet().stream()
                        .filter(e -> !Long.valueOf(0).equals(e.getValue()))
                        .map(e -> e.getKey() + " " + e.getValue())
                        .toList());
    }
}
