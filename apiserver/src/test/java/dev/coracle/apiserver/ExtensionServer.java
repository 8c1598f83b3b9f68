package dev.coracle.apiserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * Answers for {@code widgets.example.com/v1}: a server of somebody else on the loopback, which believes those who show a
 * certificate of the front proxy.
 */
final class ExtensionServer implements AutoCloseable {
    static final String GROUP = "widgets.example.com";
    static final String PREFIX = "/apis/" + GROUP + "/v1";

    /** A request about a widget, whoever sent it. */
    record Asked(String method, String uri, String peer, Map<String, List<String>> headers, String body) {
        List<String> header(String name) {
            return headers.getOrDefault(name.toLowerCase(java.util.Locale.ROOT), List.of());
        }
    }

    interface Behaviour {
        void answer(HttpExchange exchange) throws IOException, InterruptedException;
    }

    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Unstructured> widgets = new ConcurrentSkipListMap<>();
    final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
    /** What a watch is told. */
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    /** @param tls its certificate, and whose clients it believes */
    ExtensionServer(SSLContext tls) throws IOException {
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters p = getSSLContext().getDefaultSSLParameters();
                p.setNeedClientAuth(true);
                parameters.setSSLParameters(p);
            }
        });
        server.setExecutor(threads);
        document(PREFIX, """
                {"kind":"APIResourceList","apiVersion":"v1","groupVersion":"widgets.example.com/v1","resources":[
                 {"name":"widgets","singularName":"widget","namespaced":true,"kind":"Widget","shortNames":["wi"],
                  "verbs":["create","delete","get","list","watch"]},
                 {"name":"widgets/status","singularName":"","namespaced":true,"kind":"Widget","verbs":["get"]}]}
                """);
        document("/openapi/v3", """
                {"paths":{"apis/widgets.example.com/v1":{"serverRelativeURL":
                 "/openapi/v3/apis/widgets.example.com/v1?hash=ABC"}}}
                """);
        document("/openapi/v3" + PREFIX, "{\"openapi\":\"3.0.0\",\"info\":{\"title\":\"Widgets\"}}");
        document("/openapi/v2", """
                {"swagger":"2.0","paths":{
                 "/apis/widgets.example.com/v1/widgets":{"get":{"schema":{"$ref":"#/definitions/Widget"}}},
                 "/apis/apps/v1/deployments":{"get":{"description":"not its own"}}},
                 "definitions":{"Widget":{"type":"object","properties":{"metadata":
                  {"$ref":"#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}}},
                  "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta":{"type":"object","description":"older"},
                  "Unused":{"type":"string"}}}
                """);
        at(PREFIX + "/", this::widgets);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void document(String path, String json) {
        at(path, exchange -> send(exchange, 200, json));
    }

    /** What it does at a path, or below. */
    void at(String path, Behaviour behaviour) {
        try {
            server.removeContext(path);
        } catch (IllegalArgumentException e) {
            // The first one there.
        }
        server.createContext(path, exchange -> {
            try (exchange) {
                behaviour.answer(exchange);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    static void send(HttpExchange exchange, int code, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private void widgets(HttpExchange exchange) throws IOException, InterruptedException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        note(exchange, body);
        String path = exchange.getRequestURI().getPath();
        String name = path.replaceFirst(".*/widgets/?", "");
        switch (exchange.getRequestMethod()) {
            case "POST" -> {
                Unstructured widget = Unstructured.parse(body);
                widgets.put(widget.name(), widget);
                send(exchange, 201, body);
            }
            case "DELETE" -> {
                widgets.remove(name);
                send(exchange, 200, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Success\"}");
            }
            default -> {
                if (String.valueOf(exchange.getRequestURI().getQuery()).contains("watch=true")) {
                    watch(exchange);
                } else if (name.isEmpty()) {
                    Unstructured list = Unstructured.of("widgets.example.com/v1", "WidgetList")
                            .set(new LinkedHashMap<>(), "metadata")
                            .set(
                                    widgets.values().stream()
                                            .map(Unstructured::map)
                                            .toList(),
                                    "items");
                    send(exchange, 200, new String(list.json(), StandardCharsets.UTF_8));
                } else if (widgets.containsKey(name)) {
                    send(exchange, 200, new String(widgets.get(name).json(), StandardCharsets.UTF_8));
                } else {
                    send(exchange, 404, "{\"kind\":\"Status\",\"status\":\"Failure\",\"code\":404}");
                }
            }
        }
    }

    void note(HttpExchange exchange, String body) throws IOException {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        exchange.getRequestHeaders().forEach((k, v) -> headers.put(k.toLowerCase(java.util.Locale.ROOT), v));
        asked.add(new Asked(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                ((HttpsExchange) exchange).getSSLSession().getPeerPrincipal().getName(),
                headers,
                body));
    }

    private void watch(HttpExchange exchange) throws IOException, InterruptedException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        out.flush();
        for (String event = events.take(); !event.isEmpty(); event = events.take()) {
            out.write((event + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
