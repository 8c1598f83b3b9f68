package dev.coracle.cli;

import dev.coracle.cli.kubectl.Kubectl;
import dev.coracle.cli.kubectl.print.Columns;
import dev.coracle.cli.why.WhyVerb;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.Unstructured;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
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
        description = {
            "Why something does not work: the first cause, what was seen of it, and the command that mends it.",
            "Without KIND and NAME it looks through the whole cluster. It reads what you may read, and changes nothing.",
            "Ends with 1 where something is wrong."
        })
final class WhyCommand implements Callable<Integer> {
    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = {"-n", "--namespace"},
            defaultValue = "",
            description = "Of what is asked about; without KIND and NAME, only this one is looked through.")
    private String namespace = "";

    @Option(names = "--json", description = "For programs.")
    private boolean json;

    @Option(
            names = "--nodes",
            description = {
                "Of a pod: for each node the rule that refused it there and what would help, or what each rule scored it;",
                "from the scheduler's last attempt. Only on the machine that the cluster runs on."
            })
    private boolean nodes;

    @Option(names = "--kubeconfig", defaultValue = "", description = "Another cluster than --name's, of any make.")
    private String kubeconfig = "";

    @Option(names = "--context", defaultValue = "", description = "Of the kubeconfig.")
    private String context = "";

    @Parameters(
            arity = "0..2",
            paramLabel = "KIND NAME",
            description = "As in `why deployment web`, or `why ingress/web`.")
    private List<String> object = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        if (nodes) {
            return placement();
        }
        List<String> words = new ArrayList<>(object);
        add(words, "--namespace", namespace);
        add(words, "--context", context);
        if (json) {
            words.add("--json");
        }
        if (kubeconfig.isEmpty()) {
            cluster.existing();
        }
        Path config = kubeconfig.isEmpty() ? cluster.paths().kubeconfig() : Path.of(kubeconfig);
        try (var system = new SystemEnvironment((task, e) ->
                        System.getLogger("coracle.why").log(System.Logger.Level.DEBUG, "task " + task + " failed", e));
                var out = new PrintStream(System.out, false, StandardCharsets.UTF_8)) {
            return new Kubectl(config, system.environment(), System.in, out, System.err)
                    .run("why", new WhyVerb(), words);
        }
    }

    private static void add(List<String> words, String flag, String value) {
        if (!value.isEmpty()) {
            words.add(flag + "=" + value);
        }
    }

    private int placement() {
        String name = object.isEmpty() ? "" : object.getLast().replaceFirst("^(pods?|po)/", "");
        boolean pod =
                object.size() == 2 ? object.getFirst().matches("pods?|po") : object.size() == 1 && !name.contains("/");
        if (!pod) {
            throw new IllegalArgumentException("--nodes is about a pod: coracle why pod NAME --nodes");
        }
        String answer = cluster.ask(List.of("why", "pod", namespace.isEmpty() ? "default" : namespace, name));
        if (json) {
            System.out.println(answer);
        } else {
            print(Unstructured.parse(answer), System.out);
        }
        return 0;
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
