package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Meanings;
import dev.coracle.machinery.env.SystemEnvironment;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the verbs tell of themselves, and what shells are told of them. */
class HelpTest {
    @TempDir
    private Path dir;

    static Stream<String> verbs() {
        return Verbs.names().stream();
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void everyOptionHasAMeaning(String verb) {
        List<List<String>> all = new ArrayList<>(List.of(List.of()));
        Verbs.commands(verb).forEach(c -> all.add(List.of(c.split(" "))));
        for (List<String> arguments : all) {
            Flags flags = Kubectl.global(Verbs.flags(verb, arguments));
            assertThat(flags.options())
                    .as(verb + " " + arguments)
                    .allSatisfy(o ->
                            assertThat(Meanings.of(verb, o.name())).as(o.name()).isPresent());
        }
    }

    @Test
    void helpTellsThem() {
        assertThat(Verbs.help("wait", List.of(), Kubectl.global(Flags.of())))
                .contains("-l, --selector=VALUE", "only objects whose labels match")
                .contains("--timeout=DURATION")
                .contains("what to wait for: condition=NAME");
    }

    @ParameterizedTest
    @CsvSource({
        "kubectl rol, rollout",
        "kubectl -n x rol, rollout",
        "coracle kubectl rol, rollout",
        "kubectl rollout st, status",
        "kubectl create secret t, tls",
        "kubectl get --outp, --output --output-watch-events",
        "kubectl create deployment --repl, --replicas",
        "kubectl wait pod --request-t, --request-timeout",
    })
    void bashCompletes(String words, String offered) throws Exception {
        Path script = dir.resolve("completion.bash");
        Files.writeString(script, script("bash"));
        String test = "source " + script + "; COMP_WORDS=(" + words + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));"
                + " _coracle_kubectl; echo ${COMPREPLY[@]}";
        assertThat(bash("-n", script.toString())).isEmpty();
        assertThat(bash("-c", test)).isEqualTo(offered + "\n");
    }

    @Test
    void otherShellsHaveTheirs() {
        assertThat(script("zsh")).startsWith("#compdef kubectl\n").contains("bashcompinit", "_coracle_kubectl");
        assertThat(script("fish"))
                .contains("complete -c kubectl -n '__fish_seen_subcommand_from get' -l output -s o -r -d 'how to show");
    }

    private String script(String shell) {
        var out = new ByteArrayOutputStream();
        var print = new PrintStream(out, true, StandardCharsets.UTF_8);
        try (var system = new SystemEnvironment((n, e) -> {})) {
            int code = new Kubectl(
                            dir.resolve("none"), system.environment(), InputStream.nullInputStream(), print, print)
                    .run(List.of("completion", shell));
            assertThat(code).isZero();
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /** What it said, wherever. */
    private static String bash(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("bash", "--norc"));
        command.addAll(List.of(arguments));
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        p.waitFor();
        return said;
    }
}
