package dev.coracle.network.ingress;

import dev.coracle.machinery.env.Environment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** A client's connection: one request after the other, until either side has enough. */
final class Connection {
    /** nginx' {@code keepalive_timeout}. */
    private static final Duration IDLE = Duration.ofSeconds(75);
    /** nginx' {@code lingering_time} and {@code lingering_timeout}. */
    private static final Duration LINGER = Duration.ofSeconds(30);

    private static final int LINGER_MILLIS = 5_000;
    /** Bodies up to this size are read first, so that the request can be sent again to another pod. */
    private static final int REPLAYABLE = 64 << 10;

    private final Socket socket;
    private final @Nullable SSLSocketFactory tls;
    private final boolean secure;
    private final Patience patience;
    private final int securePort;
    private final Supplier<Routes> routes;
    private final Backends backends;
    private final AccessLog log;
    private final Environment environment;
    /** The last answer was given before all was read; the task's own. */
    private boolean unread;

    private volatile boolean busy;
    private volatile boolean closing;

    Connection(
            Socket socket,
            @Nullable SSLSocketFactory tls,
            int securePort,
            Supplier<Routes> routes,
            Backends backends,
            AccessLog log,
            Environment environment) {
        this.socket = socket;
        this.tls = tls;
        this.secure = tls != null;
        this.patience = new Patience(environment.clock());
        // Until the first request has come, a handshake before it included.
        patience.begin(Patience.USUAL);
        this.securePort = securePort;
        this.routes = routes;
        this.backends = backends;
        this.log = log;
        this.environment = environment;
    }

    Patience patience() {
        return patience;
    }

    boolean busy() {
        return busy;
    }

    /** Ends the connection: at once when it is idle, else with the response that is under way. */
    void finish() {
        closing = true;
        if (!busy) {
            abort();
        }
    }

    void abort() {
        try {
            // What lies beneath TLS: its own closing waits for a writer that waits for the client.
            socket.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    void serve() {
        try (socket) {
            socket.setTcpNoDelay(true);
            if (tls == null) {
                serve(socket);
            } else {
                try (Socket layer = tls.createSocket(socket, null, true)) {
                    serve(layer);
                }
            }
        } catch (IOException e) {
            // Clients come and go; what was asked is in the access log.
        }
    }

    private void serve(Socket stream) throws IOException {
        stream.setSoTimeout((int) IDLE.toMillis());
        Wire client = new Wire(stream, patience);
        while (!closing && exchange(client)) {
            client.out().flush();
            patience.begin(IDLE);
            client.in().mark(1);
            if (client.in().read() < 0) {
                return;
            }
            client.in().reset();
            patience.begin(Patience.USUAL);
        }
        client.out().flush();
        if (unread) {
            linger(stream);
        }
    }

    /**
     * As nginx' {@code lingering_close}: a socket closed with bytes that nobody read is reset, and the client, still
     * writing, loses the answer that tells it why.
     */
    private void linger(Socket stream) throws IOException {
        patience.begin(LINGER);
        stream.shutdownOutput();
        socket.setSoTimeout(LINGER_MILLIS);
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    /** @return whether another request may follow */
    private boolean exchange(Wire client) throws IOException {
        Exchange x = null;
        try {
            Head request = Head.request(client.in());
            if (request == null) {
                return false;
            }
            busy = true;
            patience.end();
            x = new Exchange(request, client, environment.clock().nanos());
            boolean goesOn = answer(x);
            client.out().flush();
            return goesOn && !closing;
        } catch (Head.Malformed e) {
            if (x == null || !x.answered) {
                respond(client, x, e.code, List.of(), true);
            }
            return false;
        } finally {
            if (x != null) {
                log.line(
                        (InetSocketAddress) socket.getRemoteSocketAddress(),
                        x,
                        environment.clock().elapsed(x.since));
            }
            busy = false;
        }
    }

    private boolean answer(Exchange x) throws IOException {
        x.parse();
        long length = x.request.length(0);
        if (length == Body.CHUNKED && x.minor == 0) {
            throw new Head.Malformed(400, "transfer encoding in HTTP/1.0");
        }
        boolean close = !x.keepAlive || closing;
        Optional<Routes.Compiled> found = routes.get().find(x.host, x.path);
        if (found.isEmpty()) {
            return refuse(x, 404, List.of(), length, close);
        }
        Route route = found.get().route();
        x.upstreamName = route.namespace() + "-" + route.service() + "-" + route.port();
        if (!secure
                && (route.options().forceRedirect()
                        || route.options().redirect() && routes.get().secured(x.host))) {
            String port = securePort == 443 ? "" : ":" + securePort;
            var location = new Head.Field("Location", "https://" + x.host + port + x.target);
            return refuse(x, 308, List.of(location), length, close);
        }
        Route.Elsewhere elsewhere = route.options().elsewhere();
        if (!elsewhere.root().isEmpty() && x.path.equals("/")) {
            String scheme = secure ? "https://" : "http://";
            var location = new Head.Field("Location", scheme + x.authority + elsewhere.root());
            return refuse(x, 302, List.of(location), length, close);
        }
        if (!elsewhere.url().isEmpty()) {
            return refuse(x, elsewhere.code(), List.of(new Head.Field("Location", elsewhere.url())), length, close);
        }
        if (route.options().access().broken()) {
            return refuse(x, 503, List.of(), length, close);
        }
        if (!route.options().access().admits(socket.getInetAddress())) {
            return refuse(x, 403, List.of(), length, close);
        }
        if (route.options().bodyLimit() > 0 && length > route.options().bodyLimit()) {
            return refuse(x, 413, List.of(), length, true);
        }
        String query = x.target.substring(x.rawPathLength);
        x.asked = found.get().pattern() == null || route.options().rewrite().isEmpty()
                ? x.target
                : route.rewritten(x.path, found.get().pattern()) + query;
        List<InetSocketAddress> endpoints = backends.of(route);
        if (endpoints.isEmpty()) {
            return refuse(x, 503, List.of(), length, close);
        }
        if (x.request.has("expect", "100-continue")) {
            x.client.out().write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            x.client.out().flush();
        }
        Body body = new Body(x.client.in(), length);
        if (length >= 0 && length <= REPLAYABLE) {
            var bytes = new ByteArrayOutputStream((int) length);
            body.copy(bytes, false, 0);
            x.replay = bytes.toByteArray();
        }
        return new Forwarding(x, route, body, length, secure, backends, environment).run(endpoints, close)
                || failed(x, close);
    }

    private boolean failed(Exchange x, boolean close) throws IOException {
        if (x.answered) {
            return false;
        }
        // The body may be half read: only a replayable one leaves the connection at a message's end.
        boolean end = close || x.replay == null;
        respond(x.client, x, x.failure, List.of(), end);
        return !end;
    }

    /** Answers without a backend; a small body is read away so that the connection can go on. */
    private boolean refuse(Exchange x, int code, List<Head.Field> extra, long length, boolean close)
            throws IOException {
        boolean end = close || length < 0 || length > REPLAYABLE;
        if (!end) {
            new Body(x.client.in(), length).copy(OutputStream.nullOutputStream(), false, 0);
        }
        respond(x.client, x, code, extra, end);
        return !end;
    }

    private void respond(Wire client, @Nullable Exchange x, int code, List<Head.Field> extra, boolean close)
            throws IOException {
        unread |= close;
        boolean bodiless = x != null && x.method.equals("HEAD");
        int sent = Pages.write(client.out(), code, extra, bodiless, close);
        client.out().flush();
        if (x != null) {
            x.answered = true;
            x.status = code;
            x.sent = sent;
        }
    }
}
