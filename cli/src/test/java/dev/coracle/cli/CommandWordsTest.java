package dev.coracle.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.cli.lab.Verdict;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Unstructured;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the command understands, and where it answers. */
class CommandWordsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "up --name a",
                "down --name a",
                "fsck --name a",
                "status --name a",
                "image --name a",
                "image ls --name a",
                "image load --name a file.tar",
                "kubeconfig --name a",
                "node stop --name a n",
                "up --with sealed-secrets --name a",
                "seal --name a -f secret.yaml",
                "why pod --name a -n default web-1",
                "lab list --name a",
                "lab start 6 --seed 42 --name a",
                "lab check --name a 2a --json",
                "lab hint 2a --name a",
                "lab reset --name a 2a"
            })
    void aClusterIsNamedTheSameWayEverywhere(String words) {
        var parsed = new CommandLine(new Main()).parseArgs(words.split(" "));
        assertThat(parsed.unmatched()).isEmpty();
    }

    @Test
    void whyShowsWhoRefusedAndWhoScored() {
        var out = new ByteArrayOutputStream();
        WhyCommand.print(Unstructured.parse("""
                        {"namespace": "default", "pod": "web", "at": "2026-01-01T00:00:00Z", "node": "b", "message": "",
                         "nodes": [
                           {"name": "a", "plugin": "NodeAffinity", "reasons": ["no match"], "remedy": ""},
                           {"name": "c", "total": 7, "scores": {"TaintToleration": 0, "NodeResourcesFit": 7}},
                           {"name": "b", "total": 12, "scores": {"ImageLocality": 3, "NodeResourcesFit": 9}}]}
                        """), new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("""
                default/web was sent to b (2026-01-01T00:00:00Z)

                NODE   REFUSED BY     BECAUSE    WHAT WOULD HELP
                a      NodeAffinity   no match   <unknown>

                NODE   SCORE   OF WHICH
                b      12      ImageLocality 3, NodeResourcesFit 9
                c      7       NodeResourcesFit 7
                """);
    }

    @Test
    void aLabIsTickedOffForPeopleAndForPrograms() {
        var verdicts = List.of(new Verdict(true, "web is ready"), new Verdict(false, "nobody answers"));
        var out = new ByteArrayOutputStream();
        var progress = new Progress(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                System.err,
                new VirtualEnvironment(1).environment().clock(),
                true);
        LabCommand.show("3a", verdicts, progress);
        LabCommand.show("3a", verdicts.subList(0, 1), progress);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("""
                \u001b[32m✓\u001b[0m web is ready
                \u001b[31m✗\u001b[0m nobody answers

                1 of 2 are still open; `coracle lab hint 3a` helps.
                \u001b[32m✓\u001b[0m web is ready

                Exercise 3a is done.
                """);
        assertThat(LabCommand.json("3a", verdicts)).isEqualTo("""
                {"exercise":"3a","done":false,"checks":[{"holds":true,"says":"web is ready"},\
                {"holds":false,"says":"nobody answers"}]}""");
    }

    @Test
    void whatWentWrongIsNoResult() {
        var out = new ByteArrayOutputStream();
        var complaints = new ByteArrayOutputStream();
        var progress = new Progress(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(complaints, true, StandardCharsets.UTF_8),
                new VirtualEnvironment(1).environment().clock(),
                false);
        progress.line("kubeconfig  /k");
        progress.error("no room");
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("kubeconfig  /k\n");
        assertThat(complaints.toString(StandardCharsets.UTF_8)).isEqualTo("error: no room\n");
    }
}
