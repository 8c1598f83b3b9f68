package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.SystemEnvironment;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs, commands and ports of a pod that a test plays. */
class StreamTest {
    private static final String PODS = "/api/v1/namespaces/default/pods/";

    @TempDir
    private Path dir;

    private final SystemEnvironment system = new SystemEnvironment((n, e) -> e.printStackTrace());
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private ChannelServer server;
    private Path kubeconfig;

    @BeforeEach
    void start() throws Exception {
        server = new ChannelServer();
        kubeconfig = Files.writeString(dir.resolve("config"), """
                clusters: [{name: c, cluster: {server: 'http://127.0.0.1:%d'}}]
                contexts: [{name: c, context: {cluster: c}}]
                current-context: c
                """.formatted(server.port()));
        server.documents.put(PODS + "web", """
                {"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","namespace":"default"},
                 "spec":{"containers":[{"name":"main","ports":[{"name":"http","containerPort":8080}]},{"name":"side"}]},
                 "status":{"phase":"Running"}}""");
    }

    @AfterEach
    void stop() {
        server.close();
        system.close();
    }

    private int run(String input, String... words) {
        return new Kubectl(
                        kubeconfig,
                        system.environment(),
                        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .run(List.of(words));
    }

    /** A shell that says what it was told, and ends with a code. */
    private static ChannelServer.Container shell(int code) {
        return new ChannelServer.Container() {
            @Override
            public void opened(ChannelServer.Sender s) {
                s.say(1, "hello\n");
                s.say(2, "careful\n");
            }

            @Override
            public void received(ChannelServer.Sender s, int channel, byte[] bytes) {
                if (channel == 255) {
                    s.say(
                            3,
                            code == 0
                                    ? "{\"status\":\"Success\"}"
                                    : "{\"status\":\"Failure\",\"reason\":\"NonZeroExitCode\",\"details\":"
                                            + "{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"" + code + "\"}]}}");
                    s.end();
                } else {
                    s.say(1, bytes);
                }
            }
        };
    }

    @Test
    void aCommandHasItsStreamsAndItsExitCode() {
        server.container = shell(3);
        int code = run("typed\n", "exec", "-i", "web", "-c", "main", "--", "sh", "-c", "exit 3");
        assertThat(code).isEqualTo(3);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("hello\ntyped\n");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("careful\ncommand terminated with exit code 3\n");
        assertThat(server.upgrades)
                .containsExactly(PODS + "web/exec?container=main&stdin=true&stdout=true&stderr=true"
                        + "&command=sh&command=-c&command=exit%203");
    }

    @Test
    void aTerminalIsOnlyAskedForWhereThereIsOne() {
        server.container = shell(0);
        assertThat(run("", "exec", "-it", "web", "--", "/bin/sh")).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("Defaulted container \"main\" out of: main, side\n"
                        + "Unable to use a TTY - input is not a terminal or the right kind of file\ncareful\n");
        assertThat(server.upgrades.getFirst()).doesNotContain("tty");
    }

    @Test
    void aCommandThatCannotBeRunSaysWhy() {
        assertThat(run("", "exec", "web")).isEqualTo(1);
        assertThat(run("", "exec", "web", "-c", "nope", "--", "ls")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("error: you must specify at least one command for the container\n"
                        + "error: container nope is not valid for pod web\n");
        assertThat(server.upgrades).isEmpty();
    }

    @Test
    void logsOfOneContainerOrAll() {
        server.documents.put(PODS + "web/log?container=main&tailLines=2", "one\ntwo\n");
        server.documents.put(PODS + "web/log?container=main", "one\ntwo\n");
        server.documents.put(PODS + "web/log?container=side&previous=true", "past\n");
        server.documents.put(PODS + "web/log?container=side", "beside\n");
        assertThat(run("", "logs", "web", "--tail=2")).isZero();
        assertThat(run("", "logs", "-p", "web", "-c", "side")).isZero();
        assertThat(run("", "logs", "web", "--all-containers", "--prefix")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("one\ntwo\npast\n[pod/web/main] one\n[pod/web/main] two\n[pod/web/side] beside\n");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("Defaulted container \"main\" out of: main, side\n");
    }

    @Test
    void aPortIsForwardedConnectionByConnection() throws Exception {
        server.container = new ChannelServer.Container() {
            @Override
            public void opened(ChannelServer.Sender s) {
                s.say(0, (byte) 0x90, (byte) 0x1f);
                s.say(1, (byte) 0x90, (byte) 0x1f);
            }

            @Override
            public void received(ChannelServer.Sender s, int channel, byte[] bytes) {
                if (channel == 255) {
                    s.end();
                } else {
                    s.say(0, "you said " + new String(bytes, StandardCharsets.UTF_8));
                }
            }
        };
        var task = system.environment()
                .tasks()
                .start("port-forward", () -> run("", "port-forward", "web", ":http", "--address", "127.0.0.1"));
        Pattern line = Pattern.compile("Forwarding from 127.0.0.1:(\\d+) -> 8080\n");
        Matcher[] found = new Matcher[1];
        Awaitility.await().until(() -> {
            found[0] = line.matcher(out.toString(StandardCharsets.UTF_8));
            return found[0].find();
        });
        for (String word : List.of("one", "two")) {
            try (Socket socket = new Socket("127.0.0.1", Integer.parseInt(found[0].group(1)))) {
                socket.getOutputStream().write(word.getBytes(StandardCharsets.UTF_8));
                socket.shutdownOutput();
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("you said " + word);
            }
        }
        assertThat(server.upgrades).hasSize(2).allMatch(u -> u.equals(PODS + "web/portforward?ports=8080"));
        task.interrupt();
        assertThat(task.join(java.time.Duration.ofSeconds(10))).isTrue();
    }
}
