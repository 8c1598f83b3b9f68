package dev.coracle.controllers.externalsecrets;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.coracle.machinery.json.Json;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A Vault of the test's own: KV version 2 at {@code secret}, tokens, and the Kubernetes login. */
final class LoopbackVault implements AutoCloseable {
    static final String TOKEN = "hvs.root-of-the-test";
    static final String BORROWED = "hvs.borrowed-by-login";

    /** The data of a path; null data is a version that was deleted. */
    final Map<String, Map<String, @Nullable Object>> secrets = new ConcurrentHashMap<>();

    final List<String> calls = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    /** The answer's status to everything, where it is not 0. */
    volatile int failing;

    volatile String token = TOKEN;

    LoopbackVault() throws IOException {
        this(null, 0);
    }

    LoopbackVault(@Nullable SSLContext tls, int port) throws IOException {
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", port);
        if (tls == null) {
            server = HttpServer.create(address, 0);
        } else {
            HttpsServer https = HttpsServer.create(address, 0);
            https.setHttpsConfigurator(new HttpsConfigurator(tls));
            server = https;
        }
        server.createContext("/", this::answer);
        server.start();
    }

    String address() {
        return (server instanceof HttpsServer ? "https" : "http") + "://127.0.0.1:" + port();
    }

    int port() {
        return server.getAddress().getPort();
    }

    void put(String path, Map<String, ?> data) {
        secrets.put(path, new LinkedHashMap<>(data));
    }

    void delete(String path) {
        secrets.put(path, Map.of());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            String namespace = exchange.getRequestHeaders().getFirst("X-Vault-Namespace");
            calls.add(exchange.getRequestMethod() + " " + exchange.getRequestURI()
                    + (namespace == null ? "" : " in " + namespace));
            int[] code = {200};
            byte[] bytes = Json.bytes(answer(exchange, body, code));
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(code[0], bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private Map<String, Object> answer(HttpExchange exchange, String body, int[] code) {
        String path = exchange.getRequestURI().getPath();
        String asks = exchange.getRequestHeaders().getFirst("X-Vault-Token");
        if (failing != 0) {
            code[0] = failing;
            return Map.of("errors", List.of("Vault is sealed, " + asks));
        }
        if (path.equals("/v1/auth/kubernetes/login")) {
            return Json.parseObject(body).equals(Map.of("role", "reader", "jwt", "jwt-of-the-test"))
                    ? Map.of("auth", Map.of("client_token", BORROWED))
                    : refused(code, 400, "invalid role name \"" + body + "\"");
        }
        if (!token.equals(asks) && !BORROWED.equals(asks)) {
            return refused(code, 403, "permission denied");
        }
        if (path.startsWith("/v1/auth/token/")) {
            return Map.of("data", Map.of("ttl", 100));
        }
        if (path.startsWith("/v1/secret/metadata")) {
            return list(path.substring("/v1/secret/metadata".length()), code);
        }
        if (!path.startsWith("/v1/secret/data/")) {
            return refused(code, 403, "preflight capability check returned 403");
        }
        Map<String, @Nullable Object> data = secrets.get(path.substring("/v1/secret/data/".length()));
        if (data == null) {
            code[0] = 404;
            return Map.of("errors", List.of());
        }
        Map<String, @Nullable Object> secret = new LinkedHashMap<>();
        secret.put("data", data.isEmpty() ? null : data);
        secret.put("metadata", Map.of("version", 1));
        code[0] = data.isEmpty() ? 404 : 200;
        return Map.of("request_id", "1", "data", secret);
    }

    private Map<String, Object> list(String folder, int[] code) {
        String below = folder.isEmpty() || folder.equals("/") ? "" : folder.substring(1) + "/";
        TreeSet<String> names = new TreeSet<>();
        for (String s : secrets.keySet()) {
            if (s.startsWith(below)) {
                String rest = s.substring(below.length());
                names.add(rest.contains("/") ? rest.substring(0, rest.indexOf('/') + 1) : rest);
            }
        }
        return names.isEmpty() ? refused(code, 404, "") : Map.of("data", Map.of("keys", List.copyOf(names)));
    }

    private static Map<String, Object> refused(int[] code, int with, String error) {
        code[0] = with;
        return Map.of("errors", error.isEmpty() ? List.of() : List.of(error));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
