package dev.coracle.network.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.log.LogFile;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.FakeApi;
import dev.coracle.network.Objects;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that take more than their share. Time is what the test makes of it. */
class IngressLimitsTest {
    private static final int MOST = 2;

    @TempDir
    Path dir;

    private final SystemEnvironment system = new SystemEnvironment((name, t) -> t.printStackTrace());
    private final FakeApi api = new FakeApi();
    private final AtomicLong nanos = new AtomicLong();
    private Runnable sweep = () -> {};
    private IngressController controller;
    private ServerSocket pod;

    @BeforeEach
    void start() throws IOException {
        Environment real = system.environment();
        var clock = new Clock() {
            @Override
            public Instant now() {
                return Instant.EPOCH;
            }

            @Override
            public long nanos() {
                return nanos.get();
            }
        };
        var timers = new Timers() {
            @Override
            public Timer schedule(Duration delay, Runnable task) {
                return real.timers().schedule(delay, task);
            }

            @Override
            public Timer every(Duration period, Runnable task) {
                sweep = task;
                return () -> {};
            }
        };
        api.put(
                Resources.INGRESS_CLASSES,
                Unstructured.of("networking.k8s.io/v1", "IngressClass", "", "nginx")
                        .set(IngressConfig.CONTROLLER, "spec", "controller"));
        api.put(Resources.SERVICES, Objects.service("web", "10.96.0.50", 80));
        pod = new ServerSocket(0, 5, InetAddress.getByName("127.0.91.9"));
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", pod.getLocalPort(), "127.0.91.9"));
        controller = new IngressController(
                new IngressConfig(
                        List.of(new InetSocketAddress("127.0.0.1", 0)),
                        List.of(),
                        "172.30.0.2",
                        "",
                        "",
                        new LogFile(dir.resolve("access.log"), real.clock()),
                        MOST),
                api,
                api,
                new Environment(clock, timers, real.tasks(), real.entropy()));
        controller.start();
        var service = Map.<String, Object>of("name", "web", "port", Map.of("number", 80L));
        var path = new LinkedHashMap<String, Object>(
                Map.of("path", "/slow", "pathType", "Prefix", "backend", Map.of("service", service)));
        api.put(
                Resources.INGRESSES,
                Unstructured.of("networking.k8s.io/v1", "Ingress", "default", "web")
                        .set("nginx", "spec", "ingressClassName")
                        .add(new Unstructured(new LinkedHashMap<>()).add(path, "http", "paths"), "spec", "rules"));
        await().until(() ->
                api.get(Resources.INGRESSES, "default", "web").object().has("status"));
    }

    @AfterEach
    void stop() throws IOException {
        controller.close();
        pod.close();
        system.close();
    }

    private Socket client() throws IOException {
        Socket s = new Socket("127.0.0.1", controller.ports().getFirst());
        s.setSoTimeout(200);
        return s;
    }

    private static void send(Socket s, String text) throws IOException {
        s.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The status of a request for what no rule is about; the connection stays. */
    private static String ask(Socket s) throws IOException {
        send(s, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        s.setSoTimeout(10_000);
        Head head = Head.response(s.getInputStream());
        if (head == null) {
            return "closed";
        }
        new Body(s.getInputStream(), head.length(0)).copy(OutputStream.nullOutputStream(), false, 0);
        s.setSoTimeout(200);
        return head.start;
    }

    private static boolean ended(Socket s) throws IOException {
        try {
            return s.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    private void minutePasses() {
        nanos.addAndGet(Duration.ofSeconds(60).toNanos());
        sweep.run();
    }

    @Test
    void aByteNowAndThenHoldsNoConnectionForEver() throws Exception {
        try (Socket silent = client();
                Socket slow = client()) {
            send(slow, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
            await().until(() -> {
                minutePasses();
                return ended(slow) && ended(silent);
            });
        }
        try (Socket idle = client()) {
            assertThat(ask(idle)).contains("404");
            await().until(() -> {
                minutePasses();
                return ended(idle);
            });
        }
    }

    @Test
    void aClientThatDoesNotReadIsLeft() throws Exception {
        var left = new CountDownLatch(1);
        system.environment().tasks().start("endless pod", () -> {
            try (Socket s = pod.accept()) {
                Head.request(s.getInputStream());
                send(s, "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n");
                byte[] much = new byte[64 << 10];
                while (true) {
                    s.getOutputStream().write(much);
                }
            } catch (IOException e) {
                left.countDown();
            }
        });
        try (Socket s = client()) {
            send(s, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            await().until(() -> {
                minutePasses();
                return left.getCount() == 0;
            });
        }
    }

    @Test
    void newcomersTakeThePlaceOfWhoeverIsIdle() throws Exception {
        try (Socket first = client();
                Socket second = client()) {
            assertThat(ask(first)).contains("404");
            assertThat(ask(second)).contains("404");
            // They are idle once their answers are in the log, too.
            await().ignoreExceptionsInstanceOf(IOException.class).until(() -> {
                try (Socket third = client()) {
                    return ask(third).contains("404");
                }
            });
            assertThat(List.of(ended(first), ended(second))).containsExactlyInAnyOrder(true, false);
        }
    }

    @Test
    void nobodyAtWorkIsThrownOut() throws Exception {
        try (Socket first = client();
                Socket second = client()) {
            for (Socket s : List.of(first, second)) {
                send(s, "GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            }
            try (Socket one = pod.accept();
                    Socket two = pod.accept();
                    Socket third = client()) {
                third.setSoTimeout(10_000);
                assertThat(ended(third)).isTrue();
                for (Socket s : List.of(one, two)) {
                    send(s, "HTTP/1.1 204 No Content\r\n\r\n");
                }
                for (Socket s : List.of(first, second)) {
                    s.setSoTimeout(10_000);
                    assertThat(Head.response(s.getInputStream()).start).contains("204");
                }
            }
        }
    }
}
