package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --request-timeout}: nobody waits for ever for a server that takes a call and never answers. */
class RequestTimeoutTest {
    @TempDir
    private static Path dir;

    private static TestServer server;
    private static ServerSocket silent;
    private static Path kubeconfig;

    @BeforeAll
    static void start() throws Exception {
        server = new TestServer(dir);
        silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        kubeconfig = dir.resolve("silent");
        Files.writeString(kubeconfig, """
                apiVersion: v1
                kind: Config
                clusters: [{name: silent, cluster: {server: 'http://127.0.0.1:%d'}}]
                contexts: [{name: silent, context: {cluster: silent, user: nobody}}]
                users: [{name: nobody, user: {token: t}}]
                current-context: silent
                """.formatted(silent.getLocalPort()));
    }

    @AfterAll
    static void stop() throws Exception {
        silent.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"get pods", "get --raw /x", "delete pod a", "version", "logs a", "apply -f -", "top node"})
    void aSilentServerIsGivenUp(String line) {
        String config = "--kubeconfig=" + kubeconfig;
        TestServer.Result r = server.runWith(
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}",
                (line + " --request-timeout=50ms " + config).split(" "));
        assertThat(r.code()).isEqualTo(1);
        assertThat(r.err())
                .isEqualTo("Unable to connect to the server: context deadline exceeded (Client.Timeout exceeded while"
                        + " awaiting headers)\n");
    }

    @Test
    void aWatchEndsWithItsTime() {
        TestServer.Result r = server.run("get", "pods", "--watch", "--request-timeout=1s");
        assertThat(r.code()).isEqualTo(1);
        assertThat(r.err()).contains("context deadline exceeded");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0s", "60", "1m"})
    void aServerThatAnswersInTimeIsHeard(String time) {
        assertThat(server.run("--request-timeout", time, "get", "ns", "default", "-o", "name")
                        .out())
                .isEqualTo("namespace/default\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "0.5x", "1x"})
    void whatIsNoTimeIsRefused(String time) {
        assertThat(server.run("get", "pods", "--request-timeout=" + time).err())
                .isEqualTo("error: Invalid timeout value. Timeout must be a single integer in seconds, or an integer"
                        + " followed by a corresponding time unit (e.g. 1s | 2m | 3h)\n");
    }
}
