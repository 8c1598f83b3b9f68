package dev.coracle.kubelet.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.coracle.kubelet.probe.Prober.Answer;
import dev.coracle.kubelet.probe.Prober.Result;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where an HTTP probe goes, how long, and how much it reads. */
class HttpProbeTest {
    private final NetworkProber prober = new NetworkProber((RuntimeService) Proxy.newProxyInstance(
            RuntimeService.class.getClassLoader(), new Class<?>[] {RuntimeService.class}, (proxy, method, args) -> {
                throw new AssertionError(method.getName());
            }));
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private int port;

    /** {@code /to/<place>} sends there, {@code /around} in a circle, {@code /<code>} answers so. */
    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        port = server.getAddress().getPort();
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().toString();
            asked.add(exchange.getRequestHeaders().getFirst("Host") + " " + path);
            int code = path.matches("/\\d+") ? Integer.parseInt(path.substring(1)) : 302;
            if (path.startsWith("/to/")) {
                exchange.getResponseHeaders().set("Location", path.substring(4));
            } else if (path.equals("/around")) {
                exchange.getResponseHeaders().set("Location", "/around");
            }
            byte[] body = "said".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(code, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
        prober.close();
    }

    private Answer ask(int port, String path, String more) {
        Unstructured probe = Unstructured.parse("{\"timeoutSeconds\": 1, \"httpGet\": {" + more + "}}");
        probe.set(port, "httpGet", "port").set(path, "httpGet", "path");
        return prober.ask(new Prober.Question("c", "127.0.0.1", probe, List.of()));
    }

    private Answer ask(String path) {
        return ask(port, path, "");
    }

    @Test
    void codes_are_judged_and_bodies_kept_for_oneself() {
        assertThat(ask("/200").success()).isTrue();
        assertThat(ask("/404")).isEqualTo(new Answer(false, "HTTP probe failed with statuscode: 404"));
        assertThat(ask(port, "/200", "\"httpHeaders\": [{\"name\": \"Host\", \"value\": \"shop\"}]")
                        .success())
                .isTrue();
        assertThat(asked).contains("shop /200", "127.0.0.1:" + port + " /404");
        // Neither a header nor a path can hold another request.
        assertThat(ask(port, "/200", "\"httpHeaders\": [{\"name\": \"X\", \"value\": \"a\\r\\n\\r\\nGET /evil\"}]")
                        .success())
                .isFalse();
        ask("/a HTTP/1.1\r\nX: y\r\n\r\nGET /evil");
        assertThat(asked).noneMatch(a -> a.endsWith(" /evil"));
    }

    @Test
    void redirects_are_followed_on_the_host_and_elsewhere_are_a_warning() {
        assertThat(ask("/to//200").result()).isEqualTo(Result.SUCCESS);
        assertThat(asked).endsWith("127.0.0.1:" + port + " /200");
        assertThat(ask("/to//500")).isEqualTo(new Answer(false, "HTTP probe failed with statuscode: 500"));
        assertThat(ask("/to/http://elsewhere.example/200"))
                .isEqualTo(new Answer(Result.WARNING, "Probe terminated redirects, Response body: said"));
        assertThat(ask("/302").result()).isEqualTo(Result.WARNING);
    }

    @Test
    void ten_redirects_are_enough() {
        Answer answer = ask("/around");
        assertThat(answer.success()).isFalse();
        assertThat(answer.output()).endsWith("/around\": stopped after 10 redirects");
        assertThat(asked).hasSize(10);
    }

    /** A server that says the first thing, and then the second again and again as long as it is listened to. */
    private static CompletableFuture<Integer> drip(ServerSocket socket, String first, String then, int pause) {
        CompletableFuture<Integer> sent = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            int bytes = 0;
            try (Socket client = socket.accept();
                    OutputStream out = client.getOutputStream()) {
                out.write(first.getBytes(StandardCharsets.US_ASCII));
                for (Object lock = new Object(); ; bytes += then.length()) {
                    out.write(then.getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                    if (pause > 0) {
                        synchronized (lock) {
                            lock.wait(pause);
                        }
                    }
                }
            } catch (IOException | InterruptedException e) {
                sent.complete(bytes);
            }
        });
        return sent;
    }

    @Test
    void the_limit_of_time_is_for_all_of_it() throws Exception {
        try (ServerSocket head = new ServerSocket(0);
                ServerSocket body = new ServerSocket(0)) {
            var first = drip(head, "HTTP/1.1 200 OK\r\n", "X: y\r\n", 100);
            assertThat(ask(head.getLocalPort(), "/", ""))
                    .isEqualTo(new Answer(
                            false,
                            "Get \"http://127.0.0.1:" + head.getLocalPort() + "/\": context deadline exceeded"
                                    + " (Client.Timeout exceeded while awaiting headers)"));
            var second = drip(body, "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", "x", 100);
            assertThat(ask(body.getLocalPort(), "/", ""))
                    .isEqualTo(new Answer(
                            Result.ERROR,
                            "context deadline exceeded"
                                    + " (Client.Timeout or context cancellation while reading body)"));
            first.join();
            second.join();
        }
    }

    @Test
    void of_an_endless_body_enough_is_read() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            var sent = drip(socket, "HTTP/1.1 200 OK\r\n\r\n", "x".repeat(1024), 0);
            Answer answer = ask(socket.getLocalPort(), "/", "");
            assertThat(answer.success()).isTrue();
            assertThat(answer.output()).hasSize(10 << 10);
            sent.join();
        }
    }

    @Test
    void what_is_not_there_is_said_as_ever() throws IOException {
        int gone;
        try (ServerSocket socket = new ServerSocket(0)) {
            gone = socket.getLocalPort();
        }
        assertThat(ask(gone, "/x", ""))
                .isEqualTo(new Answer(
                        false,
                        "Get \"http://127.0.0.1:" + gone + "/x\": dial tcp 127.0.0.1:" + gone
                                + ": connect: connection refused"));
    }
}
