package dev.coracle.client.https;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client against a server that answers as it is told; against the real one it is tested with the commands. */
class HttpsClientTest {
    private final SystemEnvironment system = new SystemEnvironment((n, e) -> {});
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    private HttpServer server;
    private HttpsClient client;

    /** What the server does with the next request. */
    private interface Answer {
        void give(HttpExchange exchange) throws IOException, InterruptedException;
    }

    private static Answer json(int code, String body, String... headers) {
        return x -> {
            x.getResponseHeaders().set("Content-Type", "application/json");
            for (int i = 0; i < headers.length; i += 2) {
                x.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            x.sendResponseHeaders(code, bytes.length);
            x.getResponseBody().write(bytes);
        };
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(r -> system.environment().tasks().start("server", r));
        server.createContext("/", x -> {
            String body = new String(x.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String type = x.getRequestHeaders().getFirst("Content-Type");
            requests.add(x.getRequestMethod() + " " + x.getRequestURI() + (type == null ? "" : " " + type + " " + body)
                    + (x.getRequestHeaders().containsKey("Authorization")
                            ? " " + x.getRequestHeaders().getFirst("Authorization")
                            : ""));
            try (x) {
                answers.take().give(x);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
        client = client("");
    }

    private HttpsClient client(String token) {
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        return new HttpsClient(new Endpoint(uri, "", false, "", "", token, "", ""), system.environment());
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
        system.close();
    }

    @Test
    void aListIsReadPageByPageAndItsItemsKnowTheirKind() {
        answers.add(json(200, """
                {"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"9","continue":"next"},
                 "items":[{"metadata":{"name":"a","namespace":"ns","resourceVersion":"7"}}]}"""));
        var page = client.list(
                Resources.PODS,
                "ns",
                ListOptions.labels("app=web,tier in (a,b)").page(1, ""));
        assertThat(requests)
                .containsExactly(
                        "GET /api/v1/namespaces/ns/pods?labelSelector=app%3Dweb%2Ctier%20in%20%28a%2Cb%29&limit=1");
        assertThat(page.resourceVersion()).isEqualTo("9");
        assertThat(page.continueToken()).isEqualTo("next");
        assertThat(page.items().getFirst().version()).isEqualTo(7);
        assertThat(page.items().getFirst().object().kind()).isEqualTo("Pod");
        assertThat(new String(page.items().getFirst().json(), StandardCharsets.UTF_8))
                .contains("\"kind\":\"Pod\"");
    }

    @Test
    void whatIsMeasuredIsReadAndNoNameLeadsElsewhere() {
        answers.add(json(200, "{\"kind\":\"MetricValueList\",\"items\":[{}]}"));
        answers.add(json(200, "{\"items\":[]}"));
        var pods = new GroupVersionResource("custom.metrics.k8s.io", "v1beta2", "pods");
        assertThat(client.read(pods, "ns", "*", "a?b/c", Map.of("labelSelector", "app=web", "metricLabelSelector", ""))
                        .objects("items"))
                .hasSize(1);
        client.read(new GroupVersionResource("external.metrics.k8s.io", "v1beta1", "m#?"), "ns", "", "", Map.of());
        assertThat(requests)
                .containsExactly(
                        "GET /apis/custom.metrics.k8s.io/v1beta2/namespaces/ns/pods/*/a%3Fb%2Fc?labelSelector=app%3Dweb",
                        "GET /apis/external.metrics.k8s.io/v1beta1/namespaces/ns/m%23%3F");
    }

    @Test
    void aRefusalIsTheServersStatus() {
        StatusException there = StatusException.notFound(Resources.DEPLOYMENTS, "x");
        answers.add(json(404, there.status().toString()));
        assertThatThrownBy(() -> client.get(Resources.DEPLOYMENTS, "ns", "x"))
                .isInstanceOfSatisfying(StatusException.class, e -> {
                    assertThat(e.isNotFound()).isTrue();
                    assertThat(e.status()).isEqualTo(there.status());
                });
    }

    @Test
    void aRefusalInPlainTextIsOneToo() {
        answers.add(json(403, "forbidden: go away\nand more"));
        assertThatThrownBy(() -> client.get(Resources.PODS, "ns", "x"))
                .isInstanceOfSatisfying(StatusException.class, e -> {
                    assertThat(e.reason()).isEqualTo("Forbidden");
                    assertThat(e).hasMessage("forbidden: go away");
                });
    }

    @Test
    void aServerThatAsksForPatienceIsAskedAgain() {
        answers.add(json(429, "", "Retry-After", "0"));
        answers.add(json(200, "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"x\"}}"));
        assertThat(client.get(Resources.PODS, "ns", "x").name()).isEqualTo("x");
        assertThat(requests).hasSize(2);
    }

    @Test
    void writesSayWhoAndHow() {
        String pod = "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"x\",\"namespace\":\"ns\"}}";
        for (int i = 0; i < 5; i++) {
            answers.add(json(200, pod));
        }
        client.create(Resources.PODS, "ns", Unstructured.parse(pod), WriteOptions.DEFAULT);
        client.update(Resources.PODS, Unstructured.parse(pod), WriteOptions.STATUS);
        client.patch(
                Resources.PODS,
                "ns",
                "x",
                Patch.apply(Unstructured.parse("{}")),
                new WriteOptions("", "me", true, true));
        client.delete(Resources.PODS, "ns", "x", new DeleteOptions(0, "Foreground", "u", ""));
        client.post(Resources.PODS, "ns", "x", "eviction", Unstructured.parse("{}"));
        assertThat(requests)
                .containsExactly(
                        "POST /api/v1/namespaces/ns/pods?fieldManager=coracle application/json " + pod,
                        "PUT /api/v1/namespaces/ns/pods/x/status?fieldManager=coracle application/json " + pod,
                        "PATCH /api/v1/namespaces/ns/pods/x?fieldManager=me&force=true&dryRun=All"
                                + " application/apply-patch+yaml {}",
                        "DELETE /api/v1/namespaces/ns/pods/x application/json {\"apiVersion\":\"v1\","
                                + "\"kind\":\"DeleteOptions\",\"gracePeriodSeconds\":0,"
                                + "\"propagationPolicy\":\"Foreground\",\"preconditions\":{\"uid\":\"u\"}}",
                        "POST /api/v1/namespaces/ns/pods/x/eviction application/json {}");
    }

    @Test
    void aDeleteMayBeAnsweredWithAStatus() {
        answers.add(
                json(200, "{\"kind\":\"Status\",\"status\":\"Success\",\"details\":{\"name\":\"x\",\"uid\":\"u\"}}"));
        var gone = client.delete(Resources.PODS, "ns", "x", DeleteOptions.DEFAULT);
        assertThat(gone.key()).hasToString("ns/x");
        assertThat(gone.uid()).isEqualTo("u");
    }

    private static final class Seen implements Client.WatchListener {
        final BlockingQueue<String> events = new LinkedBlockingQueue<>();

        @Override
        public void onEvent(WatchEvent event) {
            events.add(event.type() + " " + event.revision().version());
        }

        @Override
        public void onClosed(StatusException cause) {
            events.add("closed " + cause.code());
        }

        String next() throws InterruptedException {
            return String.valueOf(events.poll(10, TimeUnit.SECONDS));
        }
    }

    private static void line(HttpExchange x, String type, int version) throws IOException {
        x.getResponseBody()
                .write(("{\"type\":\"" + type + "\",\"object\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\","
                                + "\"metadata\":{\"resourceVersion\":\"" + version + "\"}}}\n")
                        .getBytes(StandardCharsets.UTF_8));
        x.getResponseBody().flush();
    }

    @Test
    void aWatchTellsEachEventAsItComesAndThenHowItEnded() throws Exception {
        var more = new CountDownLatch(1);
        answers.add(x -> {
            x.sendResponseHeaders(200, 0);
            line(x, "ADDED", 3);
            more.await();
            line(x, "BOOKMARK", 4);
            line(x, "FUNNY", 5);
            line(x, "DELETED", 6);
        });
        var seen = new Seen();
        client.watch(Resources.PODS, "", ListOptions.ALL.from("2"), seen);
        assertThat(requests.getFirst())
                .startsWith("GET /api/v1/pods?resourceVersion=2&watch=true&allowWatchBookmarks=true&timeoutSeconds=");
        assertThat(seen.next()).isEqualTo("ADDED 3");
        more.countDown();
        assertThat(seen.next()).isEqualTo("BOOKMARK 4");
        assertThat(seen.next()).isEqualTo("DELETED 6");
        assertThat(seen.next()).isEqualTo("closed 503");
    }

    @Test
    void aWatchOfWhatIsGoneEndsWith410() throws Exception {
        answers.add(x -> {
            x.sendResponseHeaders(200, 0);
            x.getResponseBody()
                    .write(("{\"type\":\"ERROR\",\"object\":"
                                    + StatusException.gone("too old").status() + "}\n")
                            .getBytes(StandardCharsets.UTF_8));
        });
        var seen = new Seen();
        client.watch(Resources.PODS, "", ListOptions.ALL.from("2"), seen);
        assertThat(seen.next()).isEqualTo("closed 410");
        assertThat(seen.events).isEmpty();
    }

    @Test
    void aWatchThatIsRefusedNeverBegins() {
        answers.add(json(410, StatusException.gone("too old").status().toString()));
        var seen = new Seen();
        assertThatThrownBy(() -> client.watch(Resources.PODS, "", ListOptions.ALL.from("1"), seen))
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.isGone()).isTrue());
        assertThat(seen.events).isEmpty();
    }

    @Test
    void aClosedWatchSaysNothingMore() throws Exception {
        var closed = new CountDownLatch(1);
        var written = new CountDownLatch(1);
        answers.add(x -> {
            x.sendResponseHeaders(200, 0);
            line(x, "ADDED", 3);
            closed.await();
            try {
                line(x, "ADDED", 4);
            } finally {
                written.countDown();
            }
        });
        var seen = new Seen();
        var watch = client.watch(Resources.PODS, "", ListOptions.ALL, seen);
        assertThat(seen.next()).isEqualTo("ADDED 3");
        watch.close();
        watch.close();
        closed.countDown();
        written.await();
        assertThat(seen.events).isEmpty();
    }

    @Test
    void closingTheClientEndsItsWatchesAndThreads() throws Exception {
        var hold = new CountDownLatch(1);
        answers.add(x -> {
            x.sendResponseHeaders(200, 0);
            line(x, "ADDED", 3);
            hold.await();
        });
        var own = client("");
        var seen = new Seen();
        own.watch(Resources.PODS, "", ListOptions.ALL, seen);
        assertThat(seen.next()).isEqualTo("ADDED 3");
        long before = selectors();
        own.close();
        Awaitility.await().until(() -> selectors() == before - 1);
        hold.countDown();
        assertThat(seen.events).isEmpty();
        assertThatThrownBy(() -> own.get(Resources.PODS, "", "x")).isInstanceOf(UncheckedIOException.class);
    }

    private static long selectors() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().contains("SelectorManager"))
                .count();
    }

    @Test
    void tokensAreSentAndNoServerIsAnIoError() {
        try (var mine = client("secret")) {
            answers.add(json(200, "{\"kind\":\"Pod\"}"));
            mine.get(Resources.PODS, "ns", "x");
            assertThat(requests.getFirst()).endsWith("Bearer secret");
            assertThat(mine.connection().endpoint().toString()).doesNotContain("secret");
        }
        server.stop(0);
        assertThatThrownBy(() -> client.get(Resources.PODS, "ns", "x")).isInstanceOf(UncheckedIOException.class);
    }
}
