package dev.coracle.client.https;

import dev.coracle.machinery.env.Environment;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/**
 * HTTP to one endpoint as one identity: requests by path, streams, WebSockets.
 *
 * <p>HTTP/1.1 and not 2, so that each watch has a connection to itself and a slow reader holds up no one else.
 */
public final class Connection implements Transport, AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final Duration TOKEN_KEPT = Duration.ofMinutes(1);
    /** As client-go: how often a server may ask for patience ({@code Retry-After}). */
    private static final int PATIENCE = 10;

    private final Endpoint endpoint;
    private final Environment environment;
    private final Consumer<String> warnings;
    private final String base;
    private final HttpClient http;
    private final Set<InputStream> streams = ConcurrentHashMap.newKeySet();
    private final Set<WebSocket> sockets = ConcurrentHashMap.newKeySet();
    private String token;
    private long tokenRead;
    private boolean tokenKnown;

    /** Connects to nothing yet. */
    public Connection(Endpoint endpoint, Environment environment) {
        this(endpoint, environment, warning -> {});
    }

    /** @param warnings is told what the server warns of, as often as it does */
    public Connection(Endpoint endpoint, Environment environment, Consumer<String> warnings) {
        this.endpoint = endpoint;
        this.environment = environment;
        this.warnings = warnings;
        this.token = endpoint.token();
        this.base = endpoint.server().toString().replaceAll("/+$", "");
        HttpClient.Builder b = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(r -> environment.tasks().start("https", r));
        if (base.startsWith("https:")) {
            b.sslContext(Tls.context(endpoint));
        }
        this.http = b.build();
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public byte[] exchange(String method, String path, String accept, String type, byte[] body) {
        for (int attempt = 1; ; attempt++) {
            HttpRequest.Builder b = request(path).header("Accept", accept).timeout(ANSWER);
            if (type.isEmpty()) {
                b.method(method, HttpRequest.BodyPublishers.noBody());
            } else {
                b.header("Content-Type", type).method(method, HttpRequest.BodyPublishers.ofByteArray(body));
            }
            HttpResponse<byte[]> response = send(b.build(), HttpResponse.BodyHandlers.ofByteArray());
            long wait = response.headers().firstValueAsLong("Retry-After").orElse(-1);
            if (wait >= 0 && attempt <= PATIENCE && (response.statusCode() == 429 || response.statusCode() >= 500)) {
                pause(Duration.ofSeconds(wait));
            } else if (response.statusCode() >= 400) {
                throw Transport.refusal(response.statusCode(), response.body());
            } else {
                return response.body();
            }
        }
    }

    /** Closing this ends it, too. */
    @Override
    public InputStream stream(String path, String accept) {
        HttpResponse<InputStream> response =
                send(request(path).header("Accept", accept).GET().build(), HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() >= 400) {
            try (InputStream in = response.body()) {
                throw Transport.refusal(response.statusCode(), in.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        InputStream tracked = new FilterInputStream(response.body()) {
            @Override
            public void close() throws IOException {
                streams.remove(this);
                super.close();
            }
        };
        streams.add(tracked);
        return tracked;
    }

    /** @param protocols what is offered, best first */
    public WebSocket webSocket(String path, List<String> protocols, WebSocket.Listener listener) {
        WebSocket.Builder b = http.newWebSocketBuilder().connectTimeout(CONNECT);
        authorize(b::header);
        b.subprotocols(
                protocols.getFirst(), protocols.subList(1, protocols.size()).toArray(String[]::new));
        CompletableFuture<WebSocket> opening =
                b.buildAsync(URI.create(base.replaceFirst("^http", "ws") + path), listener);
        try {
            WebSocket socket = opening.get();
            sockets.removeIf(s -> s.isInputClosed() && s.isOutputClosed());
            sockets.add(socket);
            return socket;
        } catch (InterruptedException e) {
            opening.cancel(true);
            throw interrupted();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof java.net.http.WebSocketHandshakeException refused) {
                HttpResponse<?> r = refused.getResponse();
                byte[] body = r.body() instanceof byte[] bytes
                        ? bytes
                        : String.valueOf(r.body() == null ? "" : r.body()).getBytes(StandardCharsets.UTF_8);
                throw Transport.refusal(r.statusCode(), body);
            }
            throw new UncheckedIOException(e.getCause() instanceof IOException io ? io : new IOException(e.getCause()));
        }
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder b = HttpRequest.newBuilder(URI.create(base + path)).header("User-Agent", "coracle");
        authorize(b::header);
        return b;
    }

    private void authorize(java.util.function.BiConsumer<String, String> header) {
        String t = token();
        if (!t.isEmpty()) {
            header.accept("Authorization", "Bearer " + t);
        }
        Endpoint.Impersonation as = endpoint.as();
        if (!as.user().isEmpty()) {
            header.accept("Impersonate-User", as.user());
        }
        if (!as.uid().isEmpty()) {
            header.accept("Impersonate-Uid", as.uid());
        }
        as.groups().forEach(g -> header.accept("Impersonate-Group", g));
    }

    private synchronized String token() {
        if (endpoint.tokenFile().isEmpty()) {
            return token;
        }
        if (!tokenKnown || environment.clock().elapsed(tokenRead).compareTo(TOKEN_KEPT) > 0) {
            try {
                token = Files.readString(Path.of(endpoint.tokenFile())).trim();
            } catch (IOException e) {
                throw new UncheckedIOException("the token file " + endpoint.tokenFile() + " cannot be read", e);
            }
            tokenKnown = true;
            tokenRead = environment.clock().nanos();
        }
        return token;
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            HttpResponse<T> response = http.send(request, handler);
            response.headers().allValues("Warning").forEach(w -> Warning.in(w).forEach(warnings));
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private void pause(Duration duration) {
        try {
            environment.sleep(duration);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static UncheckedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new UncheckedIOException(new InterruptedIOException("interrupted while waiting for the API server"));
    }

    /** Ends every stream and WebSocket, and leaves no connection and no thread. */
    @Override
    public void close() {
        for (InputStream s : List.copyOf(streams)) {
            try {
                s.close();
            } catch (IOException e) {
                // It ends all the same.
            }
        }
        sockets.forEach(WebSocket::abort);
        http.shutdownNow();
        try {
            http.awaitTermination(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
