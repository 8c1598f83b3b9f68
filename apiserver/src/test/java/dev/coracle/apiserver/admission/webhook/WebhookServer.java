package dev.coracle.apiserver.admission.webhook;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.coracle.apiserver.Certificates;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** A server of webhooks on the loopback, each at a path of its own. */
public final class WebhookServer implements AutoCloseable {
    /** What a webhook does with a connection. */
    public interface Behaviour {
        void answer(HttpExchange exchange, Unstructured request) throws IOException;
    }

    private final Certificates certificates;
    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** The requests of all reviews, in their order. */
    public final List<Unstructured> asked = new CopyOnWriteArrayList<>();

    /** From where each came. */
    public final List<Integer> ports = new CopyOnWriteArrayList<>();

    public WebhookServer(Environment environment) throws Exception {
        this(new Certificates(environment), "");
    }

    /** @param host that the certificate is for; {@code ""} for 127.0.0.1 */
    WebhookServer(Certificates certificates, String host) throws Exception {
        this.certificates = certificates;
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(
                certificates.context(host.isEmpty() ? certificates.issue("CN=webhook") : certificates.issueTo(host))));
        server.setExecutor(threads);
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    public String caBundle() throws Exception {
        return Base64.getEncoder().encodeToString(certificates.authorityPem().getBytes(StandardCharsets.UTF_8));
    }

    /** {@code clientConfig} for a path here. */
    public String client(String path) throws Exception {
        return "{url: 'https://127.0.0.1:" + port() + path + "', caBundle: " + caBundle() + "}";
    }

    public void at(String path, Behaviour behaviour) {
        server.createContext(path, exchange -> {
            try (exchange) {
                ports.add(exchange.getRemoteAddress().getPort());
                Unstructured review =
                        Unstructured.parse(exchange.getRequestBody().readAllBytes());
                Unstructured request = review.object("request");
                request.set(review.apiVersion(), "testedVersion");
                asked.add(request);
                behaviour.answer(exchange, request);
            }
        });
    }

    /** Answers with what is made of the request: the response, but for its uid. */
    public void responds(String path, Function<Unstructured, Unstructured> response) {
        at(path, (exchange, request) -> {
            Unstructured review = Unstructured.of(request.string("testedVersion"), "AdmissionReview")
                    .set(response.apply(request).set(request.string("uid"), "uid"), "response");
            send(exchange, 200, review.json());
        });
    }

    /** Answers so whatever is asked. */
    public void sends(String path, int code, String body) {
        at(
                path,
                (exchange, request) -> send(
                        exchange,
                        code,
                        body.replace("UID", request.string("uid")).getBytes(StandardCharsets.UTF_8)));
    }

    public static void send(HttpExchange exchange, int code, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    public static Unstructured allowed() {
        return Unstructured.parse("{\"allowed\":true}");
    }

    /** @param operations of a JSON patch */
    public static Unstructured patching(String operations) {
        return allowed()
                .set("JSONPatch", "patchType")
                .set(Base64.getEncoder().encodeToString(operations.getBytes(StandardCharsets.UTF_8)), "patch");
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
