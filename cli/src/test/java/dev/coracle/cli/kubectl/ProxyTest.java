package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.object.Unstructured;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What comes through the proxy, and what does not. */
class ProxyTest {
    @TempDir
    private static Path dir;

    private static TestServer server;
    private final List<Tasks.Task> running = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        server = new TestServer(dir);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void end() throws Exception {
        for (Tasks.Task t : running) {
            t.interrupt();
            assertThat(t.join(Duration.ofSeconds(20))).isTrue();
        }
    }

    /** Starts one. @return where it serves */
    private String proxy(String... options) {
        List<String> words = new ArrayList<>(List.of("proxy"));
        words.addAll(List.of(options));
        var out = new ByteArrayOutputStream();
        running.add(server.system()
                .environment()
                .tasks()
                .start("proxy", () -> server.runInto(out, words.toArray(String[]::new))));
        Awaitility.await().until(() -> out.toString(StandardCharsets.UTF_8).endsWith("\n"));
        String said = out.toString(StandardCharsets.UTF_8);
        assertThat(said).startsWith("Starting to serve on ");
        return said.substring("Starting to serve on ".length()).trim();
    }

    private static SocketChannel connect(String at) throws IOException {
        if (at.startsWith("/")) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(at));
            return channel;
        }
        int colon = at.lastIndexOf(':');
        return SocketChannel.open(
                new InetSocketAddress(at.substring(0, colon), Integer.parseInt(at.substring(colon + 1))));
    }

    /** As it is written; the answer until its end. */
    private static String ask(String at, String request, String... headers) throws IOException {
        String host = List.of(headers).stream().anyMatch(h -> h.startsWith("Host:")) ? "" : "Host: localhost\r\n";
        String text = request + " HTTP/1.1\r\n" + host + "Connection: close\r\n" + String.join("\r\n", headers)
                + (headers.length > 0 ? "\r\n" : "") + "\r\n";
        try (SocketChannel channel = connect(at)) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET /api/v1/namespaces/default, localhost, 200",
        "GET /api/v1/namespaces/default, 127.0.0.1:8001, 200",
        "GET /api/v1/namespaces/default, [::1], 200",
        // A page whose name leads here may not speak for the user.
        "GET /api/v1/namespaces/default, evil.example, 403",
        "GET /api/v1/namespaces/default, localhost.evil.example, 403",
        "GET /api/v1/namespaces/default, '', 403",
        // Neither may anybody run commands, however it is written.
        "POST /api/v1/namespaces/default/pods/x/exec?command=ls, localhost, 403",
        "GET /api/v1/namespaces/default/pods/x/attach, localhost, 403",
        "GET /api/v1/namespaces/default/pods/x/%65xec, localhost, 403",
        "GET /api/v1/namespaces/default/pods/x%2Fexec, localhost, 403",
        "GET //api/v1/namespaces/default/pods/x/exec, localhost, 301",
        "GET /x/../api/v1/namespaces/default/pods/x/exec, localhost, 301",
        "GET http://localhost/api/v1/namespaces/default/pods/x/exec, localhost, 400",
        "GET /%zz, localhost, 400",
        "GET /nope, localhost, 404",
    })
    void asAnybodyWouldAsk(String request, String host, int code) throws Exception {
        assertThat(ask(shared(), request, "Host: " + host)).startsWith("HTTP/1.1 " + code + " ");
    }

    private static String sharedAt = "";
    private static Tasks.Task sharedTask;

    /** One for many questions. */
    private String shared() {
        if (sharedAt.isEmpty()) {
            sharedAt = proxy("--port=0");
            sharedTask = running.removeLast();
        }
        return sharedAt;
    }

    @AfterAll
    static void endShared() throws Exception {
        if (sharedTask != null) {
            sharedTask.interrupt();
            assertThat(sharedTask.join(Duration.ofSeconds(20))).isTrue();
        }
    }

    @Test
    void itSpeaksForTheUserAndForWhomTheUserNames() throws Exception {
        String at = proxy("--port=0");
        String body = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"made\"}}";
        String made = ask(
                at,
                "POST /api/v1/namespaces/default/configmaps",
                "Content-Type: application/json",
                "Content-Length: " + body.length() + "\r\n\r\n" + body);
        assertThat(made).startsWith("HTTP/1.1 201 ");
        assertThat(server.run("get", "configmap", "made", "-o", "name").out()).isEqualTo("configmap/made\n");
        assertThat(ask(at, "GET /api/v1/nodes", "Impersonate-User: jane"))
                .startsWith("HTTP/1.1 403 ")
                .contains("User \\\"jane\\\" cannot list");
        String as = proxy("--port=0", "--as=joe");
        assertThat(ask(as, "GET /api/v1/nodes")).contains("User \\\"joe\\\" cannot list");
    }

    @Test
    void aWatchGoesOnAsThingsChange() throws Exception {
        try (SocketChannel channel = connect(proxy("--port=0"))) {
            channel.write(ByteBuffer.wrap(
                    "GET /api/v1/namespaces/default/secrets?watch=true HTTP/1.1\r\nHost: localhost\r\n\r\n"
                            .getBytes(StandardCharsets.UTF_8)));
            InputStream in = Channels.newInputStream(channel);
            assertThat(until(in, "\r\n\r\n")).startsWith("HTTP/1.1 200 ");
            server.run("create", "secret", "generic", "seen", "--from-literal=a=1");
            String event = until(in, "\n\r\n");
            assertThat(Unstructured.parse(event.substring(event.indexOf('{'))).string("object", "metadata", "name"))
                    .isEqualTo("seen");
        }
    }

    private static String until(InputStream in, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf(end) < 0) {
            int c = in.read();
            assertThat(c).as(text.toString()).isNotNegative();
            text.append((char) c);
        }
        return text.toString();
    }

    @Test
    void filesComeFromADirectoryAndFromNowhereElse() throws Exception {
        Path www = Files.createDirectories(dir.resolve("www/sub")).getParent();
        Files.writeString(www.resolve("a b.txt"), "hello");
        Files.writeString(www.resolve("sub/index.html"), "<p>index</p>");
        Files.writeString(dir.resolve("secret"), "hidden");
        String at = proxy("--port=0", "--www=" + www, "--api-prefix=/custom");
        assertThat(ask(at, "GET /static/a%20b.txt"))
                .contains("content-type: text/plain")
                .endsWith("hello");
        assertThat(ask(at, "GET /static/")).contains("<a href=\"a%20b.txt\">a b.txt</a>", "<a href=\"sub/\">");
        assertThat(ask(at, "GET /static/sub")).contains("301 Moved Permanently", "location: sub/");
        assertThat(ask(at, "GET /static/sub/")).endsWith("<p>index</p>");
        assertThat(ask(at, "GET /static")).contains("location: /static/");
        for (String path :
                List.of("/static/../secret", "/static/%2e%2e/secret", "/static/..%2Fsecret", "/static//../secret")) {
            assertThat(ask(at, "GET " + path)).as(path).doesNotContain("hidden");
        }
        assertThat(ask(at, "GET /custom/api/v1/namespaces/default")).startsWith("HTTP/1.1 200 ");
        assertThat(ask(at, "GET /custom/api/v1/namespaces/default/pods/x/exec")).startsWith("HTTP/1.1 403 ");
        assertThat(ask(at, "GET /api/v1/namespaces/default")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void theFilterIsTheUsersToSay() throws Exception {
        String at =
                proxy("--port=0", "--accept-hosts=^a[.]example$", "--reject-methods=POST,PUT", "--accept-paths=^/api");
        assertThat(ask(at, "GET /api/v1", "Host: a.example")).startsWith("HTTP/1.1 200 ");
        assertThat(ask(at, "GET /api/v1")).startsWith("HTTP/1.1 403 ");
        assertThat(ask(at, "PUT /api/v1", "Host: a.example")).startsWith("HTTP/1.1 403 ");
        assertThat(ask(at, "GET /version", "Host: a.example")).startsWith("HTTP/1.1 403 ");
        assertThat(server.run("proxy", "--port=0", "--accept-hosts=(").err())
                .startsWith("error: Error compiling re: error parsing regexp: missing closing )");
    }

    @Test
    void aSocketIsForItsUserAlone() throws Exception {
        Path socket = dir.resolve("s");
        assertThat(proxy("--unix-socket=" + socket)).isEqualTo(socket.toString());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
        assertThat(ask(socket.toString(), "GET /healthz")).endsWith("ok");
        // One that was left behind is taken over, a file is not.
        end();
        running.clear();
        proxy("--unix-socket=" + socket);
        assertThat(ask(socket.toString(), "GET /healthz")).endsWith("ok");
        Path file = Files.writeString(dir.resolve("file"), "mine");
        assertThat(server.run("proxy", "--unix-socket=" + file).err())
                .isEqualTo("error: listen unix " + file + ": bind: address already in use\n");
        assertThat(file).hasContent("mine");
    }

    @Test
    void aPortThatIsTakenIsSaid() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            TestServer.Result r = server.run("proxy", "--port=" + taken.getLocalPort());
            assertThat(r.err())
                    .isEqualTo(
                            "error: listen tcp 127.0.0.1:" + taken.getLocalPort() + ": bind: address already in use\n");
            assertThat(r.code()).isEqualTo(1);
        }
    }
}
