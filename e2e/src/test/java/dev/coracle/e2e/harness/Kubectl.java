package dev.coracle.e2e.harness;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * kubectl on one cluster: the real one where it is on the path, else {@code coracle kubectl}. {@code CORACLE_KUBECTL=builtin}
 * takes Coracle's own even so.
 */
public final class Kubectl {
    private final Path kubeconfig;

    Kubectl(Path kubeconfig) {
        this.kubeconfig = kubeconfig;
    }

    /** Whether the stories are told with the real one. */
    public static boolean real() {
        return !"builtin".equals(System.getenv("CORACLE_KUBECTL"))
                && Pattern.compile(":")
                        .splitAsStream(String.valueOf(System.getenv("PATH")))
                        .anyMatch(dir -> Files.isExecutable(Path.of(dir, "kubectl")));
    }

    public List<String> command(String... words) {
        List<String> command = new ArrayList<>();
        if (real()) {
            command.addAll(List.of("kubectl", "--kubeconfig", kubeconfig.toString()));
        } else {
            command.addAll(List.of(
                    Coracle.ROOT.resolve("coracle").toString(),
                    "kubectl",
                    "--name",
                    String.valueOf(kubeconfig.toAbsolutePath().getParent().getFileName()),
                    "--builtin"));
        }
        command.addAll(List.of(words));
        return command;
    }

    public Shell.Result run(String... words) {
        return Shell.run(environment(), "", command(words));
    }

    /** With {@code input} as standard input, e.g. for {@code apply -f -}. */
    public Shell.Result with(String input, String... words) {
        return Shell.run(environment(), input, command(words));
    }

    /** The output of a command that must succeed. */
    public String ok(String... words) {
        return run(words).ok();
    }

    public String apply(String manifest, String... words) {
        List<String> all = new ArrayList<>(List.of("apply", "-f", "-"));
        all.addAll(List.of(words));
        return with(manifest, all.toArray(String[]::new)).ok();
    }

    /** An object, or a list of them, as the API has it: {@code kubectl get ... -o json}. */
    public Unstructured json(String... words) {
        List<String> all = new ArrayList<>(List.of("get"));
        all.addAll(List.of(words));
        all.addAll(List.of("-o", "json"));
        return Unstructured.parse(ok(all.toArray(String[]::new)));
    }

    /** The items of {@code kubectl get ... -o json}. */
    public List<Unstructured> items(String... words) {
        return json(words).objects("items");
    }

    /** A running one, for {@code logs -f}, {@code port-forward} and the like; the test ends it. */
    public Running start(String... words) {
        return new Running(environment(), command(words));
    }

    static Map<String, String> environment() {
        return Coracle.environment();
    }

    /** Text as a JSON string. */
    public static String quoted(String text) {
        return Json.string(text);
    }
}
