package dev.coracle.controllers.sealedsecrets;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * What {@code kubeseal} asks: the certificate, whether a SealedSecret opens, and to have one sealed anew with the newest
 * key. Every user and every pod may ask; no answer holds anything that was sealed, nor what is wrong with it.
 */
final class CertificateServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("coracle.sealed-secrets");
    /** What an object may be at the most. */
    private static final int MOST = 3 * 1024 * 1024;

    private record Answer(int code, String type, byte[] body) {
        static Answer text(int code, String text) {
            return new Answer(code, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
        }

        static Answer empty(int code) {
            return text(code, "");
        }
    }

    private final KeyRing keys;
    private final Environment environment;
    private final HttpServer server;
    private final Pace verifications;
    private final Pace rotations;

    /** @param executor on which requests are answered */
    CertificateServer(InetSocketAddress address, KeyRing keys, Environment environment, Executor executor)
            throws IOException {
        this.keys = keys;
        this.environment = environment;
        this.verifications = new Pace(environment.clock());
        this.rotations = new Pace(environment.clock());
        this.server = HttpServer.create(address, 0);
        server.setExecutor(executor);
        server.createContext("/", this::answer);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer;
            try {
                answer = answer(exchange.getRequestURI().getPath(), exchange);
            } catch (RuntimeException e) {
                // Of which kind, and no more: a message may quote what was asked.
                LOG.log(System.Logger.Level.ERROR, "Error handling request: " + e.getClass());
                answer = Answer.empty(500);
            }
            exchange.getResponseHeaders().set("Content-Type", answer.type());
            exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(answer.code(), head || answer.body().length == 0 ? -1 : answer.body().length);
            if (!head) {
                exchange.getResponseBody().write(answer.body());
            }
        }
    }

    private Answer answer(String path, HttpExchange exchange) throws IOException {
        return switch (path) {
            case "/healthz" -> Answer.text(200, "ok\n");
            case "/v1/cert.pem" ->
                keys.newest()
                        .map(k -> new Answer(
                                200, "application/x-pem-file", k.pem().getBytes(StandardCharsets.US_ASCII)))
                        .orElseGet(() -> Answer.text(500, "cannot get certificate\n"));
            case "/v1/verify" -> verifications.take() ? verify(exchange) : Answer.text(429, "limit exceeded\n");
            case "/v1/rotate" -> rotations.take() ? rotate(exchange) : Answer.text(429, "limit exceeded\n");
            default -> Answer.text(404, "404 page not found\n");
        };
    }

    private Answer verify(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MOST + 1);
        if (body.length > MOST) {
            return Answer.empty(413);
        }
        try {
            SealedSecrets.unseal(sealed(body), keys.openers());
            return Answer.empty(200);
        } catch (UnsealException e) {
            return Answer.empty(409);
        } catch (IllegalArgumentException e) {
            LOG.log(System.Logger.Level.WARNING, "Error validating secret: " + e.getMessage());
            return Answer.empty(500);
        }
    }

    private Answer rotate(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MOST + 1);
        SealingKey newest = keys.newest().orElse(null);
        if (body.length > MOST || newest == null) {
            return Answer.empty(newest == null ? 500 : 413);
        }
        try {
            Unstructured sealed = sealed(body);
            Unstructured secret = SealedSecrets.unseal(sealed, keys.openers());
            Unstructured anew = SealedSecrets.seal(secret, newest.publicKey(), environment.entropy());
            return new Answer(200, "application/json", Json.bytes(anew.map()));
        } catch (UnsealException | IllegalArgumentException e) {
            LOG.log(System.Logger.Level.WARNING, "Error rotating secret: " + e.getMessage());
            return Answer.empty(500);
        }
    }

    /** @throws IllegalArgumentException when it is something else, with what */
    @SuppressWarnings("unchecked")
    private static Unstructured sealed(byte[] body) {
        List<Object> documents;
        try {
            documents = Yaml.parseAll(new String(body, StandardCharsets.UTF_8));
        } catch (MalformedJsonException e) {
            throw new IllegalArgumentException("neither JSON nor YAML");
        }
        if (documents.size() != 1 || !(documents.getFirst() instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException("one object is expected");
        }
        Unstructured o = new Unstructured((Map<String, Object>) map);
        if (!o.kind().equals(SealedSecrets.KIND) || !o.apiVersion().equals(SealedSecrets.RESOURCE.apiVersion())) {
            throw new IllegalArgumentException("unexpected resource type");
        }
        return o;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
