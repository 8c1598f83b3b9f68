package dev.coracle.kubelet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kubectl port-forward} to a pod that says back what it hears. */
@Timeout(60)
class PortForwardTest {
    private static final String PATH = "/portForward/default/web-0";

    @TempDir
    Path directory;

    private ServerStage stage;
    private ServerSocket echo;
    private final List<Socket> connections = new CopyOnWriteArrayList<>();

    @BeforeEach
    void serve() throws Exception {
        stage = new ServerStage(directory);
        echo = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        Thread.ofVirtual().start(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = echo.accept();
                connections.add(socket);
                Thread.ofVirtual().start(() -> {
                    try (socket) {
                        socket.getInputStream().transferTo(socket.getOutputStream());
                    } catch (IOException e) {
                        // The other side broke off.
                    }
                });
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    @AfterEach
    void close() throws IOException {
        echo.close();
        stage.close();
        assertThat(stage.uncaught).isEmpty();
        await().until(() -> connections.stream().allMatch(Socket::isClosed));
    }

    private SpdyClient open(String way) throws Exception {
        return way.equals("tunnel")
                ? SpdyClient.tunnelled(stage, PATH)
                : SpdyClient.plain(stage, PATH, "portforward.k8s.io");
    }

    private static int stream(SpdyClient client, String type, int port, String request) throws IOException {
        return client.open("streamtype", type, "port", String.valueOf(port), "requestid", request);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tunnel", "plain"})
    void connectionsShareTheSessionAndDoNotMixUp(String way) throws Exception {
        try (SpdyClient client = open(way)) {
            int error0 = stream(client, "error", echo.getLocalPort(), "0");
            client.end(error0);
            int data0 = stream(client, "data", echo.getLocalPort(), "0");
            int error1 = stream(client, "error", echo.getLocalPort(), "1");
            client.end(error1);
            int data1 = stream(client, "data", echo.getLocalPort(), "1");
            byte[] much = new byte[200_000];

            client.data(data0, "first".getBytes());
            client.data(data1, much);
            await().until(() -> client.text(data0).equals("first") && client.bytes(data1).length == much.length);

            client.end(data0);
            await().until(() -> client.ended.contains(data0) && client.ended.contains(error0));
            assertThat(client.ended).doesNotContain(data1, error1);
            client.data(data1, "more".getBytes());
            await().until(() -> client.bytes(data1).length == much.length + 4);
            assertThat(client.text(error0)).isEmpty();
            assertThat(client.text(error1)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tunnel", "plain"})
    void aPortWhereNobodyListensIsToldOnTheErrorStream(String way) throws Exception {
        int dead;
        try (ServerSocket free = new ServerSocket(0)) {
            dead = free.getLocalPort();
        }
        try (SpdyClient client = open(way)) {
            int error = stream(client, "error", dead, "0");
            int data = stream(client, "data", dead, "0");

            await().until(() -> client.ended.contains(error) && client.ended.contains(data));
            assertThat(client.text(error))
                    .isEqualTo("error forwarding port " + dead + " to pod web-0, uid uid-1: dial tcp4 127.0.0.1:" + dead
                            + ": connect: connection refused");
        }
    }

    @Test
    void aResetEndsOnlyItsOwnConnection() throws Exception {
        try (SpdyClient client = open("tunnel")) {
            stream(client, "error", echo.getLocalPort(), "0");
            int data0 = stream(client, "data", echo.getLocalPort(), "0");
            client.data(data0, "a".getBytes());
            await().until(() -> client.text(data0).equals("a"));
            stream(client, "error", echo.getLocalPort(), "1");
            int data1 = stream(client, "data", echo.getLocalPort(), "1");

            client.reset(data0);

            await().until(() -> connections.getFirst().isClosed());
            client.data(data1, "b".getBytes());
            await().until(() -> client.text(data1).equals("b"));
        }
    }

    @Test
    void streamsThatMakeNoSenseAreRefused() throws Exception {
        try (SpdyClient client = open("tunnel")) {
            int noPort = client.open("streamtype", "data", "requestid", "0");
            int badPort = client.open("streamtype", "data", "port", "70000", "requestid", "0");
            int badType = client.open("streamtype", "voice", "port", "80", "requestid", "0");

            await().until(() -> client.reset.containsAll(List.of(noPort, badPort, badType)));
        }
        assertThat(connections).isEmpty();
    }

    @Test
    void closingTheServerEndsTheSession() throws Exception {
        try (SpdyClient client = open("plain")) {
            stream(client, "error", echo.getLocalPort(), "0");
            int data = stream(client, "data", echo.getLocalPort(), "0");
            client.data(data, "a".getBytes());
            await().until(() -> client.text(data).equals("a"));

            stage.server.close();

            await().until(() -> client.gone);
        }
    }

    @Test
    void channelsBeginWithTheirPort() throws Exception {
        ChannelClient client = ChannelClient.open(stage, PATH + "?port=" + echo.getLocalPort(), "v4.channel.k8s.io");
        await().until(() -> client.bytes(0).length == 2 && client.bytes(1).length == 2);
        byte[] number = client.bytes(0);
        assertThat((number[0] & 0xff) | (number[1] & 0xff) << 8).isEqualTo(echo.getLocalPort());
        assertThat(client.bytes(1)).isEqualTo(number);

        client.send(0, "hello");

        await().until(() -> client.text(0).endsWith("hello"));
        client.socket.abort();
    }
}
