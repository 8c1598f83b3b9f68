package dev.coracle.network.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.coracle.client.pem.Pem;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.log.LogFile;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.FakeApi;
import dev.coracle.network.Objects;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pods are small servers on addresses of the loopback; they answer with their name, the method and what was asked. */
class IngressControllerTest {
    private static final int POD_PORT = 18_391;

    @TempDir
    Path dir;

    private final SystemEnvironment system = new SystemEnvironment((name, t) -> t.printStackTrace());
    private final FakeApi api = new FakeApi();
    private final List<HttpServer> servers = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<String> events = new java.util.concurrent.CopyOnWriteArrayList<>();
    private IngressController controller;

    @BeforeEach
    void start() throws IOException {
        api.put(
                Resources.INGRESS_CLASSES,
                Unstructured.of("networking.k8s.io/v1", "IngressClass", "", "nginx")
                        .set(IngressConfig.CONTROLLER, "spec", "controller"));
        api.put(Resources.SERVICES, Objects.service("web", "10.96.0.50", 80));
        controller = new IngressController(
                new IngressConfig(
                        List.of(new InetSocketAddress("127.0.0.1", 0)),
                        List.of(new InetSocketAddress("127.0.0.1", 0)),
                        "172.30.0.2",
                        "",
                        "",
                        new LogFile(
                                dir.resolve("access.log"), system.environment().clock())),
                api,
                api,
                (about, type, reason, message) -> events.add(type + " " + about.name() + " " + reason + ": " + message),
                system.environment());
        controller.start();
    }

    @AfterEach
    void stop() {
        controller.close();
        servers.forEach(s -> s.stop(0));
        http.close();
        system.close();
    }

    private HttpServer pod(String ip) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(ip, POD_PORT), 0);
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            byte[] answer = (exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body.length + " "
                            + exchange.getRequestHeaders().getFirst("X-Forwarded-Proto"))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(
                    200, exchange.getRequestURI().getPath().endsWith("stream") ? 0 : answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        servers.add(server);
        return server;
    }

    private static Unstructured ingress(String host, String path, String type) {
        var service = Map.<String, Object>of("name", "web", "port", Map.of("number", 80L));
        var p = new LinkedHashMap<String, Object>(
                Map.of("path", path, "pathType", type, "backend", Map.of("service", service)));
        return Unstructured.of("networking.k8s.io/v1", "Ingress", "default", "web")
                .set("nginx", "spec", "ingressClassName")
                .add(
                        new Unstructured(new LinkedHashMap<>())
                                .set(host, "host")
                                .add(p, "http", "paths"),
                        "spec",
                        "rules");
    }

    private HttpResponse<String> ask(String method, String path, byte[] body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(
                                "http://localhost:" + controller.ports().getFirst() + path))
                        .method(method, BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private String get(String path) throws Exception {
        HttpResponse<String> r = ask("GET", path, new byte[0]);
        return r.statusCode() == 200 ? r.body() : Integer.toString(r.statusCode());
    }

    @Test
    void pathsLeadToTheService() throws Exception {
        assertThat(get("/api/tasks")).isEqualTo("404");
        api.put(Resources.INGRESSES, ingress("localhost", "/api", "Prefix"));
        await().until(() -> get("/api/tasks").equals("503"));
        pod("127.0.91.1");
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", POD_PORT, "127.0.91.1"));
        assertThat(get("/api/tasks?x=%20y")).isEqualTo("GET /api/tasks?x=%20y 0 http");
        assertThat(get("/api")).isEqualTo("GET /api 0 http");
        assertThat(get("/api/stream")).isEqualTo("GET /api/stream 0 http");
        assertThat(get("/apis")).isEqualTo("404");
        assertThat(get("/api/../secret")).isEqualTo("404");
        assertThat(ask("POST", "/api", new byte[900_000]).body()).isEqualTo("POST /api 900000 http");
        assertThat(ask("POST", "/api", new byte[1_100_000]).statusCode()).isEqualTo(413);
        assertThat(api.get(Resources.INGRESSES, "default", "web").object().toString())
                .contains("172.30.0.2");
        await().untilAsserted(
                        () -> assertThat(dir.resolve("access.log")).content().contains("\"GET /apis HTTP/1.1\" 404"));
    }

    @Test
    void rewriteTargetIsTheWholePathAsInNginx() throws Exception {
        pod("127.0.91.1");
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", POD_PORT, "127.0.91.1"));
        Unstructured literal = ingress("localhost", "/api", "Prefix");
        literal.set("/", "metadata", "annotations", "nginx.ingress.kubernetes.io/rewrite-target");
        api.put(Resources.INGRESSES, literal);
        await().until(() -> get("/api/tasks?q=1").equals("GET /?q=1 0 http"));
        Unstructured groups = ingress("localhost", "/api(/|$)(.*)", "ImplementationSpecific");
        groups.set("/$2", "metadata", "annotations", "nginx.ingress.kubernetes.io/rewrite-target");
        api.put(Resources.INGRESSES, groups);
        await().until(() -> get("/api/tasks").equals("GET /tasks 0 http"));
    }

    @Test
    void plainHttpIsSentToHttpsWhereThereAreCertificates() throws Exception {
        Unstructured ingress = ingress("localhost", "/", "Prefix");
        ingress.add(new LinkedHashMap<String, Object>(Map.of("hosts", List.of("localhost"))), "spec", "tls");
        api.put(Resources.INGRESSES, ingress);
        await().until(() -> get("/").equals("308"));
        assertThat(ask("GET", "/a?b", new byte[0]).headers().firstValue("location"))
                .hasValue("https://localhost:" + controller.ports().get(1) + "/a?b");
    }

    @Test
    void aRolloutLosesNoRequest() throws Exception {
        api.put(Resources.INGRESSES, ingress("localhost", "/", "Prefix"));
        HttpServer before = pod("127.0.91.1");
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", POD_PORT, "127.0.91.1"));
        await().until(() -> get("/").startsWith("GET"));
        var done = new AtomicBoolean();
        var asked = new AtomicInteger();
        var wrong = new ArrayList<String>();
        var load = system.environment().tasks().start("load", () -> {
            while (!done.get()) {
                try {
                    String method = asked.incrementAndGet() % 2 == 0 ? "GET" : "POST";
                    int code = ask(method, "/", new byte[10]).statusCode();
                    if (code != 200) {
                        wrong.add(method + " " + code);
                    }
                } catch (Exception e) {
                    wrong.add(e.toString());
                }
            }
        });
        for (int i = 2; i < 8; i++) {
            HttpServer after = pod("127.0.91." + i);
            Unstructured both = Objects.slice("web", POD_PORT, "127.0.91." + i);
            api.put(Resources.ENDPOINT_SLICES, Objects.endpoint(both, "127.0.91." + (i - 1), false, true));
            int seen = asked.get();
            await().until(() -> asked.get() > seen + 20);
            before.stop(0);
            before = after;
        }
        done.set(true);
        load.join(java.time.Duration.ofSeconds(5));
        assertThat(wrong).isEmpty();
    }

    private Unstructured secret(String name, String host) throws Exception {
        return secret(name, host, "EC");
    }

    private Unstructured secret(String name, String host, String algorithm) throws Exception {
        Path store = dir.resolve(host + algorithm + ".p12");
        var made = dev.coracle.network.HostCommand.run(
                System.getProperty("java.home") + "/bin/keytool",
                "-genkeypair",
                "-alias",
                "a",
                "-keyalg",
                algorithm,
                "-dname",
                "CN=" + host,
                "-ext",
                "san=dns:" + host,
                "-storepass",
                "changeit",
                "-keystore",
                store.toString());
        assertThat(made.ok()).as(made.output()).isTrue();
        var keys = java.security.KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        var certificate = (X509Certificate) keys.getCertificate("a");
        var key = (java.security.PrivateKey) keys.getKey("a", "changeit".toCharArray());
        return Unstructured.of("v1", "Secret", "default", name)
                .set(base64(Pem.text(certificate)), "data", "tls.crt")
                // As openssl writes it: PKCS #1 for RSA, SEC 1 for EC, PKCS #8 for Ed25519.
                .set(base64(Pem.traditional(key, certificate.getPublicKey())), "data", "tls.key");
    }

    private static String base64(String text) {
        return java.util.Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    private Unstructured secured(String host, String secret) {
        Unstructured ingress = ingress(host, "/", "Prefix");
        ingress.add(
                new LinkedHashMap<String, Object>(Map.of("hosts", List.of(host), "secretName", secret)), "spec", "tls");
        return ingress;
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC", "Ed25519"})
    void certificatesOfEveryAlgorithmAreShown(String algorithm) throws Exception {
        pod("127.0.91.1");
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", POD_PORT, "127.0.91.1"));
        api.put(Resources.SECRETS, secret("tls", "shop.local", algorithm));
        api.put(Resources.INGRESSES, secured("shop.local", "tls"));
        await().ignoreExceptions()
                .until(() -> overTls("shop.local").equals(List.of("CN=shop.local", "GET /x 0 https")));
        assertThat(events).isEmpty();
    }

    private void annotated(String name, String value) {
        Unstructured ingress = ingress("localhost", "/", "Prefix");
        ingress.set(value, "metadata", "annotations", "nginx.ingress.kubernetes.io/" + name);
        api.put(Resources.INGRESSES, ingress);
    }

    @Test
    void onlyWhomTheListNamesMayCome() throws Exception {
        pod("127.0.91.1");
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", POD_PORT, "127.0.91.1"));
        annotated("whitelist-source-range", "192.0.2.0/24");
        await().until(() -> get("/").equals("403"));
        annotated("whitelist-source-range", "192.0.2.0/24, 127.0.0.0/8,::1");
        await().until(() -> get("/").startsWith("GET /"));
        annotated("denylist-source-range", "127.0.0.1,::1/128");
        await().until(() -> get("/").equals("403"));
        annotated("whitelist-source-range", "everybody");
        await().until(() -> get("/").equals("503"));
        assertThat(events).isEmpty();
        annotated("auth-type", "basic");
        await().until(() -> !events.isEmpty());
        assertThat(get("/")).isEqualTo("503");
        assertThat(events)
                .containsExactly("Warning web UnsupportedAnnotation: Annotations not supported:"
                        + " nginx.ingress.kubernetes.io/auth-type");
    }

    @Test
    void annotationsSendElsewhere() throws Exception {
        annotated("permanent-redirect", "https://example.test/new");
        await().until(() -> get("/a").equals("301"));
        assertThat(ask("GET", "/a", new byte[0]).headers().firstValue("location"))
                .hasValue("https://example.test/new");
        annotated("temporal-redirect", "https://example.test/now");
        await().until(() -> get("/a").equals("302"));
        annotated("app-root", "/app");
        await().until(() -> get("/").equals("302"));
        assertThat(ask("GET", "/", new byte[0]).headers().firstValue("location"))
                .hasValue("http://localhost:" + controller.ports().getFirst() + "/app");
        assertThat(get("/app")).isEqualTo("503");
        annotated("permanent-redirect", "https://example.test/\r\nSet-Cookie: a=b");
        await().until(() -> get("/").equals("503"));
    }

    @Test
    void aCertificateThatCannotBeUsedIsToldInAnEvent() throws Exception {
        api.put(Resources.INGRESSES, secured("shop.local", "tls"));
        await().until(() -> !events.isEmpty());
        Unstructured swapped = secret("tls", "shop.local", "EC")
                .set(secret("other", "other.local", "RSA").string("data", "tls.key"), "data", "tls.key");
        api.put(Resources.SECRETS, swapped);
        await().until(() -> events.size() > 1);
        api.put(Resources.SECRETS, swapped.copy().set(base64("nonsense"), "data", "tls.crt"));
        await().until(() -> events.size() > 2);
        String start = "Warning web BadCertificate: Error getting SSL certificate \"default/tls\": ";
        String end = ". Using default certificate";
        assertThat(events)
                .containsExactly(
                        start + "there is no such Secret" + end,
                        start + "private key does not match public key" + end,
                        start + "no certificate in PEM text" + end);
    }

    /** The subject of the certificate shown for a name, and the answer to a GET. */
    private List<String> overTls(String host) throws Exception {
        var trusting = new javax.net.ssl.X509ExtendedTrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        };
        var context = SSLContext.getInstance("TLS");
        context.init(null, new javax.net.ssl.TrustManager[] {trusting}, null);
        try (var plain = new Socket("127.0.0.1", controller.ports().get(1));
                var s = (SSLSocket) context.getSocketFactory().createSocket(plain, host, 443, true)) {
            s.getOutputStream()
                    .write(("GET /x HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(s.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            var shown = (X509Certificate) s.getSession().getPeerCertificates()[0];
            return List.of(shown.getSubjectX500Principal().getName(), answer.substring(answer.indexOf("\r\n\r\n") + 4));
        }
    }

    @Test
    void certificatesComeFromSecretsByNameAndChangeWhileRunning() throws Exception {
        pod("127.0.91.1");
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", POD_PORT, "127.0.91.1"));
        api.put(Resources.SECRETS, secret("tls", "flowforge.local"));
        Unstructured ingress = ingress("flowforge.local", "/", "Prefix");
        ingress.add(
                new LinkedHashMap<String, Object>(Map.of("hosts", List.of("flowforge.local"), "secretName", "tls")),
                "spec",
                "tls");
        api.put(Resources.INGRESSES, ingress);
        await().ignoreExceptions()
                .until(() -> overTls("flowforge.local").equals(List.of("CN=flowforge.local", "GET /x 0 https")));
        assertThatThrownBy(() -> overTls("other.local")).isInstanceOf(IOException.class);
        api.put(Resources.SECRETS, secret("tls", "renewed.local"));
        await().until(() -> overTls("flowforge.local").getFirst().equals("CN=renewed.local"));
    }

    @Test
    void webSocketsPassThrough() throws Exception {
        try (var pod = new java.net.ServerSocket(POD_PORT, 5, java.net.InetAddress.getByName("127.0.91.1"))) {
            api.put(Resources.INGRESSES, ingress("localhost", "/", "Prefix"));
            api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", POD_PORT, "127.0.91.1"));
            await().until(() -> controllerKnows());
            try (Socket s = new Socket("127.0.0.1", controller.ports().getFirst())) {
                s.getOutputStream()
                        .write(
                                "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                                        .getBytes(StandardCharsets.US_ASCII));
                Socket backend = pod.accept();
                var asked = Head.request(backend.getInputStream());
                assertThat(asked.get("upgrade")).isEqualTo("websocket");
                assertThat(asked.get("connection")).isEqualTo("Upgrade");
                backend.getOutputStream()
                        .write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(Head.response(s.getInputStream()).start).isEqualTo("HTTP/1.1 101 Switching Protocols");
                s.getOutputStream().write('?');
                assertThat(backend.getInputStream().read()).isEqualTo('?');
                backend.getOutputStream().write('!');
                assertThat(s.getInputStream().read()).isEqualTo('!');
                backend.close();
                assertThat(s.getInputStream().read()).isEqualTo(-1);
            }
        }
    }

    /** By the status that is written once the routes are in force. */
    private boolean controllerKnows() {
        return api.get(Resources.INGRESSES, "default", "web").object().has("status");
    }

    private String raw(String request) throws IOException {
        try (Socket s = new Socket("127.0.0.1", controller.ports().getFirst())) {
            s.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(s.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET /../../x HTTP/1.1\r\nHost: a\r\n\r\n",
                "nonsense\r\n\r\n",
                // Whom it asks.
                "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost:\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
                "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET http://b@a/ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n",
                // Where lines and fields end.
                "GET / HTTP/1.1\nHost: a\n\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX: 1\nY: 2\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\tfolded\r\n\r\n",
                "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX: a\u001bb\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX: a\u007f\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX(: a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\n: a\r\n\r\n",
                "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
                // How long the body is.
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\nabc",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            })
    void smugglersAreRefused(String request) throws Exception {
        // Somebody would answer, were it let through.
        pod("127.0.91.1");
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", POD_PORT, "127.0.91.1"));
        api.put(Resources.INGRESSES, ingress("", "/", "Prefix"));
        await().until(() -> get("/").startsWith("GET"));
        assertThat(raw(request)).startsWith("HTTP/1.1 400 Bad Request").contains("Connection: close");
    }

    @Test
    void whoSendsTooMuchIsToldSo() throws Exception {
        api.put(Resources.INGRESSES, ingress("", "/", "Prefix"));
        await().until(() -> get("/").equals("503"));
        int size = 30 << 20;
        try (Socket s = new Socket("127.0.0.1", controller.ports().getFirst())) {
            s.getOutputStream()
                    .write(("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            s.getOutputStream().write(new byte[size]);
            assertThat(new String(s.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 413 ");
        }
    }

    @Test
    void onlyChunkedIsATransferEncoding() throws Exception {
        assertThat(raw("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n"))
                .startsWith("HTTP/1.1 501 ");
    }

    @Test
    void theFormOfAProxyRequestIsUnderstoodWhereItAgreesWithTheHost() throws Exception {
        pod("127.0.91.1");
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", POD_PORT, "127.0.91.1"));
        api.put(Resources.INGRESSES, ingress("localhost", "/", "Prefix"));
        await().until(() -> get("/").startsWith("GET"));
        for (String target : List.of("http://LOCALHOST/x", "https://localhost/x")) {
            assertThat(raw("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                    .endsWith("GET /x 0 http");
        }
        assertThat(raw("GET http://localhost?y HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .endsWith("GET /?y 0 http");
    }

    /** What a pod is asked when a client sends {@code request}; the pod answers {@code answer}. */
    private Head asked(String request, String answer, StringBuilder told) throws Exception {
        try (var pod = new java.net.ServerSocket(POD_PORT, 5, java.net.InetAddress.getByName("127.0.91.1"));
                Socket s = new Socket("127.0.0.1", controller.ports().getFirst())) {
            s.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            try (Socket backend = pod.accept()) {
                Head head = Head.request(backend.getInputStream());
                backend.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                backend.shutdownOutput();
                told.append(new String(s.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
                return head;
            }
        }
    }

    @Test
    void noProtocolButWebSocketIsTunnelled() throws Exception {
        api.put(Resources.INGRESSES, ingress("localhost", "/", "Prefix"));
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", POD_PORT, "127.0.91.1"));
        await().until(this::controllerKnows);
        for (String upgrade : List.of("h2c", "TLS/1.3", "websocket, h2c", "websocket\r\nUpgrade: h2c")) {
            var told = new StringBuilder();
            Head asked = asked(
                    "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: "
                            + upgrade + "\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nsecret",
                    told);
            assertThat(asked.all("upgrade")).as(upgrade).isEmpty();
            assertThat(asked.all("connection")).as(upgrade).isEmpty();
            assertThat(asked.all("http2-settings")).as(upgrade).isEmpty();
            assertThat(told.toString()).startsWith("HTTP/1.1 502 ").doesNotContain("secret");
        }
    }

    @Test
    void aClientCanNeitherTakeTheHostAwayNorPassForOurHeaders() throws Exception {
        api.put(Resources.INGRESSES, ingress("localhost", "/", "Prefix"));
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", POD_PORT, "127.0.91.1"));
        await().until(this::controllerKnows);
        var told = new StringBuilder();
        Head asked = asked(
                "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close, Host\r\nX_Real_IP: 1.2.3.4\r\n"
                        + "X-Real-IP: 1.2.3.4\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
                told);
        assertThat(asked.all("host")).containsExactly("localhost");
        assertThat(asked.all("x-real-ip")).containsExactly("127.0.0.1");
        assertThat(asked.all("x_real_ip")).isEmpty();
        // And a pod that contradicts itself is not passed on.
        assertThat(told.toString()).startsWith("HTTP/1.1 502 ");
    }

    @Test
    void aRewrittenPathStaysOneLine() throws Exception {
        pod("127.0.91.1");
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", POD_PORT, "127.0.91.1"));
        Unstructured groups = ingress("localhost", "/api/((?s).*)", "ImplementationSpecific");
        groups.set("/v1/$1", "metadata", "annotations", "nginx.ingress.kubernetes.io/rewrite-target");
        api.put(Resources.INGRESSES, groups);
        await().until(() -> get("/api/x").equals("GET /v1/x 0 http"));
        assertThat(get("/api/a%20HTTP/1.1%0d%0aX-Real-IP:%201%0d%0a%3f%25é"))
                .isEqualTo("GET /v1/a%20HTTP/1.1%0D%0AX-Real-IP:%201%0D%0A%3F%25%C3%A9 0 http");
    }
}
