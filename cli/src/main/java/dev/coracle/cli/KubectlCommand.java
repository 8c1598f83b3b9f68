package dev.coracle.cli;

import dev.coracle.cli.kubectl.Kubectl;
import dev.coracle.machinery.env.SystemEnvironment;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Runs the kubectl that is on the path, or, where there is none or {@code --builtin} asks for it, Coracle's own. */
@Command(name = "kubectl", description = "Runs kubectl against the cluster; Coracle's own where there is none.")
final class KubectlCommand implements Callable<Integer> {
    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = "--builtin",
            description = "Use Coracle's own kubectl even if there is another (or CORACLE_KUBECTL=builtin).")
    private boolean builtin;

    @Parameters(arity = "0..*", paramLabel = "ARG", description = "What kubectl is given.")
    private List<String> arguments = new ArrayList<>();

    @Unmatched
    private List<String> options = new ArrayList<>();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        List<String> words = words();
        // What only explains itself needs no cluster.
        List<String> ours = words.contains("--") ? words.subList(0, words.indexOf("--")) : words;
        boolean explains = words.isEmpty()
                || List.of("help", "options", "completion").contains(words.getFirst())
                || ours.contains("--help")
                || ours.contains("-h");
        boolean another = ours.stream().anyMatch(w -> w.equals("--kubeconfig") || w.startsWith("--kubeconfig="));
        if (!explains && !another) {
            cluster.existing();
        }
        Path kubeconfig = cluster.paths().kubeconfig();
        if (builtin || "builtin".equals(System.getenv("CORACLE_KUBECTL")) || !onPath()) {
            return own(kubeconfig, words);
        }
        List<String> command = new ArrayList<>(List.of("kubectl"));
        command.addAll(words);
        ProcessBuilder b = new ProcessBuilder(command).inheritIO();
        b.environment().put("KUBECONFIG", kubeconfig.toString());
        return b.start().waitFor();
    }

    private static int own(Path kubeconfig, List<String> words) throws IOException {
        try (var system = new SystemEnvironment((task, e) -> System.getLogger("coracle.kubectl")
                        .log(System.Logger.Level.DEBUG, "task " + task + " failed", e));
                var out = new PrintStream(System.out, false, StandardCharsets.UTF_8)) {
            return new Kubectl(kubeconfig, system.environment(), System.in, out, System.err).run(words);
        }
    }

    /** What follows our own options, in the order it was written, which picocli does not keep. */
    private List<String> words() {
        if (spec == null) {
            return Stream.concat(arguments.stream(), options.stream()).toList();
        }
        List<String> all = spec.root().commandLine().getParseResult().originalArgs();
        int at = all.indexOf("kubectl") + 1;
        while (at < all.size()) {
            if (all.get(at).equals("--name")) {
                at += 2;
            } else if (all.get(at).startsWith("--name=") || all.get(at).equals("--builtin")) {
                at++;
            } else {
                break;
            }
        }
        return all.subList(Math.min(at, all.size()), all.size());
    }

    private static boolean onPath() {
        String path = System.getenv("PATH");
        return path != null
                && Pattern.compile(Pattern.quote(java.io.File.pathSeparator))
                        .splitAsStream(path)
                        .anyMatch(dir -> Files.isExecutable(Path.of(dir).resolve("kubectl")));
    }
}
