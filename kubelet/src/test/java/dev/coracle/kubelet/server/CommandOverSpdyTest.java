package dev.coracle.kubelet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code kubectl exec} as it was before 1.31, and as it still is where a proxy knows no WebSockets. */
@Timeout(60)
class CommandOverSpdyTest {
    private static final String EXEC = "/exec/default/web-0/app?command=sh&command=-c&command=";

    @TempDir
    Path directory;

    private ServerStage stage;

    @BeforeEach
    void serve() throws Exception {
        stage = new ServerStage(directory);
    }

    @AfterEach
    void close() {
        stage.close();
        assertThat(stage.uncaught).isEmpty();
        assertThat(stage.runtime.sessions).noneMatch(s -> s.process.isAlive());
    }

    @Test
    void eachStreamHasItsOwnAndTheyEndInGoodOrder() throws Exception {
        try (SpdyClient client = SpdyClient.plain(
                stage,
                EXEC + "cat%3B+echo+err+%3E%262%3B+exit+4&input=1&output=1&error=1",
                "v5.channel.k8s.io, v4.channel.k8s.io, v3.channel.k8s.io")) {
            assertThat(client.head)
                    .startsWith("HTTP/1.1 101 ")
                    .containsIgnoringCase("upgrade: SPDY/3.1")
                    .containsIgnoringCase("x-stream-protocol-version: v4.channel.k8s.io\r\n");
            int error = client.open("streamtype", "error");
            int stdin = client.open("streamtype", "stdin");
            int stdout = client.open("streamtype", "stdout");
            int stderr = client.open("streamtype", "stderr");

            client.ping(7);
            client.data(stdin, "typed".getBytes());
            client.end(stdin);

            await().until(() -> client.ended.contains(error));
            assertThat(client.accepted).contains(error, stdin, stdout, stderr);
            assertThat(client.pongs).containsExactly(7);
            assertThat(client.text(stdout)).isEqualTo("typed");
            assertThat(client.text(stderr)).isEqualTo("err\n");
            assertThat(client.text(error)).contains("NonZeroExitCode").contains("\"message\":\"4\"");
            assertThat(client.ended).contains(stdout, stderr);
        }
    }

    @Test
    void moreThanAWindowArrivesAlthoughTheClientSendsNoWindowUpdates() throws Exception {
        try (SpdyClient client =
                SpdyClient.plain(stage, EXEC + "head+-c+3000000+/dev/zero&output=1", "v4.channel.k8s.io")) {
            int error = client.open("streamtype", "error");
            int stdout = client.open("streamtype", "stdout");

            await().until(() -> client.ended.contains(error));
            assertThat(client.bytes(stdout)).hasSize(3_000_000);
            assertThat(client.text(error)).isEqualTo("{\"metadata\":{},\"status\":\"Success\"}");
        }
    }

    @Test
    void aTerminalsSizesComeOnAStream() throws Exception {
        try (SpdyClient client = SpdyClient.plain(stage, EXEC + "cat&input=1&output=1&tty=1", "v4.channel.k8s.io")) {
            client.open("streamtype", "error");
            client.open("streamtype", "stdin");
            client.open("streamtype", "stdout");
            assertThat(stage.runtime.sessions)
                    .as("not begun before every stream is there")
                    .isEmpty();
            int resize = client.open("streamtype", "resize");
            client.data(resize, "{\"Width\":80,\"Height\":24}\n{\"Width\":81,".getBytes());
            client.data(resize, "\"Height\":25}\n".getBytes());

            await().until(() -> !stage.runtime.sessions.isEmpty()
                    && stage.runtime.sessions.getFirst().sizes.size() == 2);
            assertThat(stage.runtime.sessions.getFirst().sizes).containsExactly("80x24", "81x25");
        }
        await().until(() -> !stage.runtime.sessions.getFirst().process.isAlive());
    }

    @Test
    void aStreamNobodyAskedForIsRefused() throws Exception {
        try (SpdyClient client = SpdyClient.plain(stage, EXEC + "cat&output=1", "v4.channel.k8s.io")) {
            int stdin = client.open("streamtype", "stdin");
            int nothing = client.open("a", "b");

            await().until(() -> client.reset.contains(stdin) && client.reset.contains(nothing));
        }
    }

    @Test
    void aProtocolNobodyKnowsIsRefused() throws Exception {
        try (SpdyClient client = SpdyClient.plain(stage, EXEC + "cat&output=1", "v1.channel.k8s.io")) {
            assertThat(client.head).startsWith("HTTP/1.1 403 ");
        }
        assertThat(stage.runtime.sessions).isEmpty();
    }
}
