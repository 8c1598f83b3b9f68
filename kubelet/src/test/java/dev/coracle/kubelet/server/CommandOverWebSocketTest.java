package dev.coracle.kubelet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.machinery.json.Json;
import dev.coracle.runtime.RuntimeService.ContainerState;
import java.net.URLEncoder;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kubectl exec} and {@code attach} as they are since 1.31. */
@Timeout(60)
class CommandOverWebSocketTest {
    private static final String V5 = "v5.channel.k8s.io";
    private static final String V4 = "v4.channel.k8s.io";
    private static final String SUCCESS = "{\"metadata\":{},\"status\":\"Success\"}";

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

    private static String exec(String options, String... command) {
        StringBuilder path = new StringBuilder("/exec/default/web-0/app?").append(options);
        for (String word : command) {
            path.append("&command=").append(URLEncoder.encode(word, StandardCharsets.UTF_8));
        }
        return path.toString();
    }

    @Test
    void outputErrorAndExitCodeComeOnTheirChannels() throws Exception {
        ChannelClient client = ChannelClient.open(
                        stage, exec("output=1&error=1", "sh", "-c", "echo out; echo err >&2; exit 3"), V5)
                .awaitEnd();

        assertThat(client.socket.getSubprotocol()).isEqualTo(V5);
        assertThat(client.text(1)).isEqualTo("out\n");
        assertThat(client.text(2)).isEqualTo("err\n");
        assertThat(Json.parse(client.text(3))).isEqualTo(Json.parse("""
                        {"metadata": {}, "status": "Failure", "reason": "NonZeroExitCode",
                         "message": "command terminated with non-zero exit code: exit status 3",
                         "details": {"causes": [{"reason": "ExitCode", "message": "3"}]}}
                        """));
        assertThat(client.closeCode).isEqualTo(1000);
    }

    @Test
    void theApiServersNamesOfTheOptionsMeanTheSame() throws Exception {
        ChannelClient client = ChannelClient.open(
                        stage, exec("stdout=true&stderr=false", "sh", "-c", "echo out; echo err >&2"), V4)
                .awaitEnd();

        assertThat(client.text(1)).isEqualTo("out\n");
        assertThat(client.heard(2)).as("stderr was not asked for").isFalse();
        assertThat(client.text(3)).isEqualTo(SUCCESS);
    }

    @Test
    void theEndOfStdinReachesTheCommandInVersion5() throws Exception {
        ChannelClient client = ChannelClient.open(stage, exec("input=1&output=1", "wc", "-c"), V5);

        client.send(0, "12345");
        client.send(0, "678");
        client.send(255, new byte[] {0});

        assertThat(client.awaitEnd().text(1).strip()).isEqualTo("8");
        assertThat(client.text(3)).isEqualTo(SUCCESS);
    }

    /** Older clients name an older dialect, or none. */
    @ParameterizedTest
    @ValueSource(strings = {"", "channel.k8s.io", "base64.channel.k8s.io", "v4.base64.channel.k8s.io"})
    void everyDialectCarriesBothDirections(String protocol) throws Exception {
        ChannelClient client = ChannelClient.open(
                stage, exec("input=1&output=1", "sh", "-c", "read x; echo got $x; exit 3"), protocol);
        client.send(0, "one\n");
        assertThat(client.awaitEnd().text(1)).isEqualTo("got one\n");
        String error = "command terminated with non-zero exit code: exit status 3";
        if (protocol.startsWith("v4.")) {
            assertThat(client.text(3)).contains("\"message\":\"" + error);
        } else {
            assertThat(client.text(3)).isEqualTo(error);
        }
    }

    /** As a client uploads a file that knows no channel 255: it sends, closes, and when that is answered looks at it. */
    @Test
    void whatCameBeforeTheCloseIsThereWhenItIsAnswered() throws Exception {
        Path file = directory.resolve("uploaded");
        String slow = "sleep 0.3; cat > " + file;
        ChannelClient client = ChannelClient.open(stage, exec("input=1&output=1", "sh", "-c", slow), V4);
        byte[] much = new byte[1 << 20];
        for (int at = 0; at < much.length; at += 64 << 10) {
            client.send(0, Arrays.copyOfRange(much, at, at + (64 << 10)));
        }
        client.socket.sendClose(1000, "").join();
        assertThat(client.awaitEnd().closeCode).isEqualTo(1000);
        assertThat(file).hasSize(much.length);
    }

    @Test
    void aCommandThatGoesOnKeepsNobodyFromClosing() throws Exception {
        ChannelClient client = ChannelClient.open(stage, exec("input=1&output=1", "sleep", "1000"), V4);
        client.socket.sendClose(1000, "").join();
        assertThat(client.awaitEnd().closeCode).isEqualTo(1000);
        stage.runtime.sessions.forEach(LocalRuntime.LocalSession::close);
    }

    @Test
    void aDialogueGoesBackAndForth() throws Exception {
        ChannelClient client = ChannelClient.open(stage, exec("input=1&output=1", "cat"), V4);

        client.send(0, "ping\n");
        await().until(() -> client.text(1).equals("ping\n"));
        client.send(0, "pong\n");
        await().until(() -> client.text(1).equals("ping\npong\n"));

        client.socket.abort();
        await().until(() -> !stage.runtime.sessions.getFirst().process.isAlive());
    }

    @Test
    void megabytesArriveWholeInBothDirections() throws Exception {
        byte[] much = new byte[8 << 20];
        for (int i = 0; i < much.length; i++) {
            much[i] = (byte) (i * 31 + (i >> 11));
        }
        ChannelClient client = ChannelClient.open(stage, exec("input=1&output=1", "cat"), V5);

        for (int at = 0; at < much.length; at += 100_000) {
            client.send(0, Arrays.copyOfRange(much, at, Math.min(much.length, at + 100_000)));
        }
        client.send(255, new byte[] {0});

        assertThat(client.awaitEnd().bytes(1)).isEqualTo(much);
    }

    @Test
    void aClientThatLeavesIsNoticedAlthoughTheCommandDoesNotReadWhatItSent() throws Exception {
        ChannelClient client = ChannelClient.open(stage, exec("input=1&output=1", "sleep", "1000"), V5);
        for (int i = 0; i < 16; i++) {
            client.send(0, new byte[64 << 10]);
        }
        await().until(() -> !stage.runtime.sessions.isEmpty());
        assertThat(stage.runtime.sessions.getFirst().process.isAlive()).isTrue();

        client.socket.abort();

        await().until(() -> !stage.runtime.sessions.getFirst().process.isAlive());
    }

    @Test
    void aTerminalHasSizesAndOnlyOneOutput() throws Exception {
        ChannelClient client = ChannelClient.open(stage, exec("input=1&output=1&error=1&tty=1", "cat"), V5);
        await().until(() -> client.heard(1) && !stage.runtime.sessions.isEmpty());
        LocalRuntime.LocalSession session = stage.runtime.sessions.getFirst();

        client.send(4, "{\"Width\":80,\"Height\":24}\n");
        client.send(4, "{\"Width\":132,\"Height\":50}");
        await().until(() -> session.sizes.size() == 2);

        assertThat(session.sizes).containsExactly("80x24", "132x50");
        assertThat(session.tty).isTrue();
        client.send(255, new byte[] {0});
        client.awaitEnd();
        assertThat(client.heard(2)).isFalse();
    }

    @Test
    void aCommandThatCannotBeStartedIsAnError() throws Exception {
        ChannelClient client = ChannelClient.open(stage, exec("output=1", "no-such-program"), V5)
                .awaitEnd();

        assertThat(client.text(3))
                .contains("\"status\":\"Failure\"")
                .contains("\"reason\":\"InternalError\"")
                .contains("error executing command in container: executable file not found in $PATH");
    }

    @Test
    void attachJoinsTheMainProcess() throws Exception {
        ChannelClient client = ChannelClient.open(stage, "/attach/default/web-0/app?input=1&output=1&error=1", V5);

        client.send(0, "hello");
        client.send(255, new byte[] {0});

        assertThat(client.awaitEnd().text(1)).isEqualTo("hello");
        assertThat(client.text(3)).isEqualTo(SUCCESS);
    }

    @Test
    void closingTheServerEndsTheCommand() throws Exception {
        ChannelClient client = ChannelClient.open(stage, exec("output=1", "sleep", "1000"), V5);
        await().until(() -> !stage.runtime.sessions.isEmpty());

        stage.server.close();

        assertThat(client.ended.await(10, TimeUnit.SECONDS)).isTrue();
        await().until(() -> !stage.runtime.sessions.getFirst().process.isAlive());
    }

    @Test
    void whatCannotBeServedIsRefusedBeforeTheUpgrade() throws Exception {
        assertThat(refusal(exec("", "id"), V5)).isEqualTo(400);
        assertThat(refusal("/exec/default/web-0/app?output=1", V5)).isEqualTo(400);
        assertThat(refusal(exec("output=1", "id"), "v9.channel.k8s.io")).isEqualTo(403);
        assertThat(refusal("/exec/default/web-0/side?output=1&command=id", V5)).isEqualTo(500);
        assertThat(refusal("/exec/default/web-0/nope?output=1&command=id", V5)).isEqualTo(500);

        stage.runtime.change(ServerStage.container("app-1", stage.log, ContainerState.EXITED));
        assertThat(refusal(exec("output=1", "id"), V5)).isEqualTo(500);
        assertThat(stage.runtime.sessions).isEmpty();
    }

    @Test
    void manySessionsRunAtOnce() throws Exception {
        List<ChannelClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(ChannelClient.open(stage, exec("output=1", "echo", "n" + i), V5));
        }
        for (int i = 0; i < 20; i++) {
            assertThat(clients.get(i).awaitEnd().text(1)).isEqualTo("n" + i + "\n");
        }
    }

    private int refusal(String path, String protocol) {
        int[] code = new int[1];
        assertThatThrownBy(() -> ChannelClient.open(stage, path, protocol))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        e -> code[0] = e.getResponse().statusCode());
        return code[0];
    }
}
