package dev.coracle.apiserver.http;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.ApiServerConfig;
import dev.coracle.apiserver.Certificates;
import dev.coracle.apiserver.metrics.UsageSource;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.store.Store;
import dev.coracle.store.memory.MemoryStore;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A server on a port of the loopback over a store in memory, and clients of it by their certificates' names. */
final class SecureServer implements AutoCloseable {
    final SystemEnvironment system = new SystemEnvironment((name, e) -> {});
    final Store store;
    final ApiServer server;
    private final Certificates certificates;

    SecureServer() throws Exception {
        this(Limits.STANDARD);
    }

    SecureServer(Limits limits) throws Exception {
        this(limits, MemoryStore::new);
    }

    /** One that says what nodes and pods use. */
    SecureServer(UsageSource usage) throws Exception {
        this(Limits.STANDARD, MemoryStore::new, usage);
    }

    SecureServer(Limits limits, Function<Environment, Store> stores) throws Exception {
        this(limits, stores, UsageSource.NONE);
    }

    private SecureServer(Limits limits, Function<Environment, Store> stores, UsageSource usage) throws Exception {
        Environment environment = system.environment();
        store = stores.apply(environment);
        certificates = new Certificates(environment);
        var serving = certificates.issue("CN=kube-apiserver");
        server = new ApiServer(
                new ApiServerConfig(
                        store,
                        environment,
                        "127.0.0.1",
                        0,
                        serving.pem(),
                        serving.key(),
                        certificates.authorityPem(),
                        serving.pem(),
                        serving.key(),
                        "10.96.0.0/16"),
                usage,
                limits);
        server.start();
    }

    private SSLContext context(String subject) throws Exception {
        return certificates.context(certificates.issue(subject));
    }

    /** @param subject e.g. {@code CN=ann,O=system:masters} */
    Caller caller(String subject) throws Exception {
        return new Caller(HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context(subject))
                .build());
    }

    /** One whose certificate somebody else has signed. */
    Caller stranger(String subject) throws Exception {
        var foreign = new Certificates(system.environment());
        return new Caller(HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(certificates.context(foreign.issue(subject)))
                .build());
    }

    Caller admin() throws Exception {
        return caller("CN=ann,O=system:masters");
    }

    /** A connection on which bytes are sent as a test likes. */
    SSLSocket socket(String subject) throws Exception {
        SSLSocket socket = (SSLSocket) context(subject)
                .getSocketFactory()
                .createSocket("127.0.0.1", server.address().getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** An HTTP client of one user. */
    final class Caller implements AutoCloseable {
        private final HttpClient client;

        private Caller(HttpClient client) {
            this.client = client;
        }

        HttpRequest.Builder to(String path) {
            return HttpRequest.newBuilder(
                    URI.create("https://127.0.0.1:" + server.address().getPort() + path));
        }

        HttpResponse<String> send(String method, String path, String type, String body)
                throws IOException, InterruptedException {
            return client.send(
                    to(path).header("Content-Type", type)
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }

        HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
            HttpRequest.Builder b = to(path);
            return client.send(
                    (headers.length == 0 ? b : b.headers(headers)).build(), HttpResponse.BodyHandlers.ofString());
        }

        HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
            return send("POST", path, "application/json", json);
        }

        /** Sends and answers bytes. */
        HttpResponse<byte[]> bytes(String method, String path, byte[] body, String... headers)
                throws IOException, InterruptedException {
            return client.send(
                    to(path).method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                            .headers(headers)
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
        }

        HttpResponse<InputStream> stream(String path, String... headers) throws IOException, InterruptedException {
            HttpRequest.Builder b = to(path);
            return client.send(
                    (headers.length == 0 ? b : b.headers(headers)).build(), HttpResponse.BodyHandlers.ofInputStream());
        }

        /** The messages of a WebSocket as they come; an empty one is its end. */
        BlockingQueue<Optional<String>> messages(String path, String... protocols) throws Exception {
            BlockingQueue<Optional<String>> messages = new LinkedBlockingQueue<>();
            var builder = client.newWebSocketBuilder();
            if (protocols.length > 0) {
                builder.subprotocols(protocols[0]);
            }
            var listener = new WebSocket.Listener() {
                private final StringBuilder text = new StringBuilder();

                @Override
                public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                    text.append(data);
                    if (last) {
                        messages.add(Optional.of(text.toString()));
                        text.setLength(0);
                    }
                    socket.request(1);
                    return null;
                }

                @Override
                public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                    messages.add(Optional.empty());
                    return null;
                }
            };
            builder.buildAsync(URI.create("wss://127.0.0.1:" + server.address().getPort() + path), listener)
                    .get();
            return messages;
        }

        @Override
        public void close() {
            client.shutdownNow();
        }
    }

    /** What the server sends until it closes, or what comes first of it. */
    static String read(SSLSocket socket, int most) throws IOException, GeneralSecurityException {
        return new String(socket.getInputStream().readNBytes(most), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.close();
        store.close();
        system.close();
    }
}
