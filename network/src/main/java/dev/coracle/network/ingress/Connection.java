package dev.coracle.network.ingress;

import dev.coracle.machinery.env.Environment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A client's connection: one request after the other, until either side has enough. */
final class Connection {
    private static final int IDLE_MILLIS = 75_000;
    /** Bodies up to this size are read first, so that the request can be sent again to another pod. */
    private static final int REPLAYABLE = 64 << 10;

    private final Socket socket;
    private final boolean secure;
    private final int securePort;
    private final Supplier<Routes> routes;
    private final Backends backends;
    private final AccessLog log;
    private final Environment environment;
    private volatile boolean busy;
    private volatile boolean closing;

    Connection(
            Socket socket,
            int securePort,
            Supplier<Routes> routes,
            Backends backends,
            AccessLog log,
            Environment environment) {
        this.socket = socket;
        this.secure = socket instanceof SSLSocket;
        this.securePort = securePort;
        this.routes = routes;
        this.backends = backends;
        this.log = log;
        this.environment = environment;
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
            socket.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    void serve() {
        try (socket) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(IDLE_MILLIS);
            if (socket instanceof SSLSocket tls) {
                tls.startHandshake();
            }
            Wire client = new Wire(socket);
            while (!closing && exchange(client)) {
                client.out().flush();
            }
            client.out().flush();
        } catch (IOException e) {
            // Clients come and go; what was asked is in the access log.
        }
    }

    /** @return whether another request may follow */
    private boolean exchange(Wire client) throws IOException {
        Exchange x = null;
        try {
            Head request = Head.read(client.in());
            if (request == null) {
                return false;
            }
            busy = true;
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
        boolean close = !x.keepAlive || closing;
        if (x.host.isEmpty() && x.minor == 1) {
            throw new Head.Malformed(400, "no host");
        }
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
            new Body(x.client.in(), length).copy(java.io.OutputStream.nullOutputStream(), false, 0);
        }
        respond(x.client, x, code, extra, end);
        return !end;
    }

    private void respond(Wire client, @Nullable Exchange x, int code, List<Head.Field> extra, boolean close)
            throws IOException {
        boolean bodiless = x != null && x.method.equals("HEAD");
        int sent = Pages.write(client.out(), code, extra, bodiless, close);
        client.out().flush();
        if (x != null) {
            x.answered = true;
            x.status = code;
            x.sent = sent;
        }
    }

    /** A request and what became of it. */
    static final class Exchange {
        private static final Set<String> METHODS_TO_REPEAT = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE");

        final Head request;
        final Wire client;
        final long since;
        final List<String> tried = new ArrayList<>();
        String method = "";
        /** As it came, path and query; {@code path} is the path alone. */
        String target = "";

        String path = "";
        int rawPathLength;
        String host = "";
        int minor = 1;
        boolean keepAlive = true;
        String asked = "";
        byte @Nullable [] replay;
        String upstreamName = "";
        boolean answered;
        int failure = 502;
        int status = 400;
        long sent;

        Exchange(Head request, Wire client, long since) {
            this.request = request;
            this.client = client;
            this.since = since;
        }

        boolean repeatable() {
            return replay != null && METHODS_TO_REPEAT.contains(method);
        }

        private void parse() throws Head.Malformed {
            String[] words = request.start.split(" ");
            if (words.length != 3 || !words[2].matches("HTTP/1\\.[01]") || !words[0].matches("[A-Z-]{1,32}")) {
                throw new Head.Malformed(400, "request line");
            }
            method = words[0];
            minor = words[2].charAt(7) - '0';
            target = words[1];
            host = request.get("host");
            if (target.regionMatches(true, 0, "http://", 0, 7)) {
                int slash = target.indexOf('/', 7);
                host = slash < 0 ? target.substring(7) : target.substring(7, slash);
                target = slash < 0 ? "/" : target.substring(slash);
            }
            if (!target.startsWith("/")) {
                throw new Head.Malformed(400, "request target");
            }
            int question = target.indexOf('?');
            rawPathLength = question < 0 ? target.length() : question;
            path = Paths.normal(target.substring(0, rawPathLength));
            int colon = host.lastIndexOf(':');
            host = (colon > host.lastIndexOf(']') ? host.substring(0, colon) : host).toLowerCase(Locale.ROOT);
            keepAlive = minor == 1 && !request.has("connection", "close");
        }
    }
}
