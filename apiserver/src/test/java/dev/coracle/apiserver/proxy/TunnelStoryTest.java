package dev.coracle.apiserver.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.ApiServerConfig;
import dev.coracle.apiserver.Certificates;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.memory.MemoryStore;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** kubectl talks to a container through the API server, which understands nothing of what they say. */
@Timeout(20)
class TunnelStoryTest {
    private static final String EXEC = "/api/v1/namespaces/default/pods/web/exec?command=cat&command=-n%20x&stdin=true"
            + "&stdout=true&container=app";

    private SystemEnvironment system;
    private Environment environment;
    private MemoryStore store;
    private Certificates certificates;
    private EchoKubelet kubelet;
    private ApiServer server;
    private SSLContext admin;

    @BeforeEach
    void start() throws Exception {
        system = new SystemEnvironment((name, e) -> {});
        environment = system.environment();
        store = new MemoryStore(environment);
        certificates = new Certificates(environment);
        kubelet = new EchoKubelet(certificates, environment);
        Certificates.Signed serving = certificates.issue("CN=kube-apiserver");
        Certificates.Signed calling = certificates.issue("CN=kube-apiserver-kubelet-client,O=system:masters");
        server = new ApiServer(new ApiServerConfig(
                store,
                environment,
                "127.0.0.1",
                0,
                serving.pem(),
                serving.key(),
                certificates.authorityPem(),
                calling.pem(),
                calling.key(),
                "10.96.0.0/16"));
        server.start();
        admin = certificates.context(certificates.issue("CN=ann,O=system:masters"));
        Client client = server.client(UserInfo.ADMIN);
        client.create(
                Resources.NODES,
                "",
                Unstructured.parse(
                        "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"n1\"},\"status\":{"
                                + "\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"127.0.0.1\"}],"
                                + "\"daemonEndpoints\":{\"kubeletEndpoint\":{\"Port\":" + kubelet.port() + "}}}}"),
                WriteOptions.DEFAULT);
        client.create(
                Resources.SERVICE_ACCOUNTS,
                "default",
                Unstructured.of("v1", "ServiceAccount", "default", "default"),
                WriteOptions.DEFAULT);
        pod(client, "web", "n1");
        pod(client, "early", "");
    }

    private static void pod(Client client, String name, String node) {
        Unstructured pod = Unstructured.of("v1", "Pod", "default", name);
        pod.add(Unstructured.parse("{\"name\":\"app\",\"image\":\"i\"}"), "spec", "containers");
        if (!node.isEmpty()) {
            pod.set(node, "spec", "nodeName");
        }
        client.create(Resources.PODS, "default", pod, WriteOptions.DEFAULT);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        store.close();
        kubelet.close();
        system.close();
    }

    private final class Connection implements AutoCloseable {
        final SSLSocket socket;
        final InputStream in;
        final OutputStream out;

        Connection(SSLContext who) throws IOException {
            socket = (SSLSocket) who.getSocketFactory()
                    .createSocket("127.0.0.1", server.address().getPort());
            socket.setSoTimeout(10_000);
            in = new BufferedInputStream(socket.getInputStream());
            out = socket.getOutputStream();
        }

        String ask(String method, String path, String... headers) throws IOException {
            String text = method + " " + path + " HTTP/1.1\r\nHost: api\r\n"
                    + (headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n") + "\r\n";
            out.write(text.getBytes(StandardCharsets.US_ASCII));
            return EchoKubelet.head(in);
        }

        String read(int n) throws IOException {
            return new String(in.readNBytes(n), StandardCharsets.UTF_8);
        }

        /** The body of an answer whose length is told. */
        String body(String head) throws IOException {
            return read(Integer.parseInt(head.replaceAll("(?is).*content-length: (\\d+).*", "$1")));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static final String[] WEBSOCKET = {
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Key: x",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.c2VjcmV0, v5.channel.k8s.io",
        "Authorization: Bearer secret"
    };

    @Test
    void bytesFlowBothWaysOnceBothSidesHaveSwitched() throws Exception {
        try (Connection c = new Connection(admin)) {
            String head = c.ask("GET", EXEC, WEBSOCKET);
            assertThat(head).startsWith("HTTP/1.1 101 ").containsIgnoringCase("upgrade: websocket");
            assertThat(head).contains("v5.channel.k8s.io");
            assertThat(c.read(5)).isEqualTo("hello");
            c.out.write("ping".getBytes(StandardCharsets.US_ASCII));
            assertThat(c.read(4)).isEqualTo("ping");

            String asked = kubelet.requests.poll(5, TimeUnit.SECONDS);
            assertThat(asked)
                    .startsWith("GET /exec/default/web/app?input=1&output=1&command=cat&command=-n+x HTTP/1.1")
                    .containsIgnoringCase("sec-websocket-protocol: v5.channel.k8s.io")
                    .doesNotContain("secret")
                    .doesNotContain("c2VjcmV0");
        }
    }

    @Test
    void spdyKeepsEveryProtocolVersionThatIsOffered() throws Exception {
        try (Connection c = new Connection(admin)) {
            String head = c.ask(
                    "POST",
                    "/api/v1/namespaces/default/pods/web/portforward",
                    "Connection: Upgrade",
                    "Upgrade: SPDY/3.1",
                    "X-Stream-Protocol-Version: v4.channel.k8s.io",
                    "X-Stream-Protocol-Version: v3.channel.k8s.io");
            assertThat(head).startsWith("HTTP/1.1 101 ");
            assertThat(c.read(5)).isEqualTo("hello");
            assertThat(kubelet.requests.poll(5, TimeUnit.SECONDS))
                    .startsWith("POST /portForward/default/web HTTP/1.1")
                    .contains("v4.channel.k8s.io")
                    .contains("v3.channel.k8s.io");
        }
    }

    @Test
    void megabytesGetThroughWhole() throws Exception {
        byte[] much = environment.entropy().bytes(4 << 20);
        for (int i = 0; i < much.length; i++) {
            much[i] = (byte) (much[i] & 0x3f); // never "bye"
        }
        try (Connection c = new Connection(admin)) {
            c.ask("GET", EXEC, WEBSOCKET);
            c.read(5);
            var writer = environment.tasks().start("writer", () -> {
                try {
                    c.out.write(much);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertThat(c.in.readNBytes(much.length)).isEqualTo(much);
            assertThat(writer.join(Duration.ofSeconds(5))).isTrue();
        }
    }

    @Test
    void eitherSideEndsIt() throws Exception {
        try (Connection c = new Connection(admin)) {
            c.ask("GET", EXEC, WEBSOCKET);
            c.read(5);
            c.out.write("bye".getBytes(StandardCharsets.US_ASCII));
            assertThat(c.in.read()).isEqualTo(-1);
        }
        assertThat(kubelet.ended.poll(5, TimeUnit.SECONDS)).isNotNull();
        try (Connection c = new Connection(admin)) {
            c.ask("GET", EXEC, WEBSOCKET);
            c.read(5);
        }
        assertThat(kubelet.ended.poll(5, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void aLogIsRelayedAndTheConnectionServesOn() throws Exception {
        try (Connection c = new Connection(admin)) {
            String head = c.ask("GET", "/api/v1/namespaces/default/pods/web/log?tailLines=2&timestamps=true");
            assertThat(head).startsWith("HTTP/1.1 200 ").containsIgnoringCase("content-type: text/plain");
            assertThat(c.read(23)).isEqualTo("4\r\none\n\r\n4\r\ntwo\n\r\n0\r\n\r\n");
            assertThat(c.ask("GET", "/healthz")).startsWith("HTTP/1.1 200 ");
            assertThat(c.read(2)).isEqualTo("ok");
            assertThat(kubelet.requests.poll(5, TimeUnit.SECONDS))
                    .startsWith("GET /containerLogs/default/web/app?timestamps=true&tailLines=2 HTTP/1.1");
        }
    }

    @Test
    void aLogIsCarriedInTheMessagesOfAWebSocket() throws Exception {
        String[] binary = WEBSOCKET.clone();
        binary[4] = "Sec-WebSocket-Protocol: binary.k8s.io";
        try (Connection c = new Connection(admin)) {
            String head = c.ask("GET", "/api/v1/namespaces/default/pods/web/log", binary);
            assertThat(head).startsWith("HTTP/1.1 101 ").contains("binary.k8s.io");
            // An empty message, the two lines, and a close with code 1000, each behind opcode and length.
            assertThat(c.in.readAllBytes())
                    .containsExactly(
                            0x82, 0, 0x82, 4, 'o', 'n', 'e', '\n', 0x82, 4, 't', 'w', 'o', '\n', 0x88, 5, 0x03, 0xe8,
                            'B', 'y', 'e');
        }
        String[] encoded = WEBSOCKET.clone();
        encoded[4] = "Sec-WebSocket-Protocol: base64.binary.k8s.io";
        try (Connection c = new Connection(admin)) {
            c.ask("GET", "/api/v1/namespaces/default/pods/web/log", encoded);
            c.in.readNBytes(4);
            assertThat(c.read(8)).isEqualTo("b25lCg==");
        }
        try (Connection c = new Connection(admin)) {
            assertThat(c.ask("GET", "/api/v1/namespaces/default/pods/none/log", binary))
                    .startsWith("HTTP/1.1 404 ");
        }
    }

    @Test
    void whoStopsFollowingLeavesNoConnectionBehind() throws Exception {
        try (Connection c = new Connection(admin)) {
            c.ask("GET", "/api/v1/namespaces/default/pods/web/log?follow=true");
            assertThat(c.read(18)).isEqualTo("4\r\none\n\r\n4\r\ntwo\n\r\n");
            assertThat(kubelet.ended).isEmpty();
        }
        assertThat(kubelet.ended.poll(5, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void aKubeletsRefusalIsAStatus() throws Exception {
        String text = "container \"app\" in pod \"web\" is waiting to start: ContainerCreating";
        kubelet.instead = "HTTP/1.1 400 Bad Request\r\nContent-Length: " + text.length() + "\r\n\r\n" + text;
        assertThat(failure("GET", "/api/v1/namespaces/default/pods/web/log"))
                .contains("\"reason\":\"BadRequest\"")
                .contains("is waiting to start: ContainerCreating");
    }

    @Test
    void whatCannotBeIsRefusedBeforeAnyKubeletIsAsked() throws Exception {
        assertThat(failure("GET", "/api/v1/namespaces/default/pods/web/log?container=db"))
                .contains("container db is not valid for pod web");
        assertThat(failure("GET", "/api/v1/namespaces/default/pods/none/log")).contains("pods \\\"none\\\" not found");
        assertThat(failure("GET", "/api/v1/namespaces/default/pods/early/exec?command=x", WEBSOCKET))
                .contains("pod early does not have a host assigned");
        assertThat(failure("GET", EXEC)).contains("Upgrade request required");
        assertThat(failure("PUT", EXEC)).contains("does not allow this method");
        assertThat(kubelet.requests).isEmpty();
    }

    @Test
    void aPodThatIsNowhereYetHasSaidNothing() throws Exception {
        try (Connection c = new Connection(admin)) {
            assertThat(c.ask("GET", "/api/v1/namespaces/default/pods/early/log"))
                    .startsWith("HTTP/1.1 204 ");
            assertThat(c.ask("GET", "/healthz")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void anUnreachableKubeletIsNamed() throws Exception {
        kubelet.close();
        String dial = "dial tcp 127.0.0.1:" + kubelet.port() + ": connect: connection refused";
        assertThat(failure("GET", EXEC, WEBSOCKET)).contains("error dialing backend: " + dial);
        assertThat(failure("GET", "/api/v1/namespaces/default/pods/web/log")).contains(dial);
    }

    /** Whoever may write a node's status could have the server, with its certificate, ask whatever listens beside it. */
    @Test
    void nobodyIsCarriedToTheServersOwnLoopback() throws Exception {
        assertThat(failure("GET", "/api/v1/nodes/n1/proxy/healthz")).contains("address not allowed");
        assertThat(kubelet.requests).isEmpty();
    }

    @Test
    void requestsThatAreSentAtOnceAreAnsweredInTurn() throws Exception {
        try (Connection c = new Connection(admin)) {
            String get = "GET /api/v1/namespaces/default/pods/early/log HTTP/1.1\r\nHost: api\r\n\r\n";
            c.out.write((get + get.replace("/early/", "/none/") + get).getBytes(StandardCharsets.US_ASCII));
            assertThat(EchoKubelet.head(c.in)).startsWith("HTTP/1.1 204 ");
            String second = EchoKubelet.head(c.in);
            assertThat(second).startsWith("HTTP/1.1 404 ");
            c.body(second);
            assertThat(EchoKubelet.head(c.in)).startsWith("HTTP/1.1 204 ");
        }
    }

    private String failure(String method, String path, String... headers) throws IOException {
        try (Connection c = new Connection(admin)) {
            String head = c.ask(method, path, headers);
            assertThat(head).startsWith("HTTP/1.1 ").doesNotContain(" 200 ").doesNotContain(" 101 ");
            return c.body(head);
        }
    }
}
