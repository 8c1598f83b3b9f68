package dev.coracle.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.VirtualEnvironment;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
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
                "status --name a",
                "image --name a",
                "image ls --name a",
                "image load --name a file.tar",
                "kubeconfig --name a"
            })
    void aClusterIsNamedTheSameWayEverywhere(String words) {
        var parsed = new CommandLine(new Main()).parseArgs(words.split(" "));
        assertThat(parsed.unmatched()).isEmpty();
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
