package dev.coracle.network.ingress;

import dev.coracle.machinery.env.Environment;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One request on its way to a pod and back.
 *
 * <p>What may be tried again: everything while no connection stands; once bytes were sent, only what is idempotent and
 * whose body we still have. Other requests always get a fresh connection, since on one that waited nobody can tell
 * "closed before it read this" from "died while working on this". So rolling updates lose no request.
 */
final class Forwarding {
    private static final int ATTEMPTS = 4;
    private static final Set<String> REPLACED = Set.of(
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-proto",
            "x-forwarded-scheme",
            "x-scheme",
            "x-real-ip",
            "x-request-id",
            "expect",
            "content-length");

    private final Exchange x;
    private final Route route;
    private final Body body;
    private final long length;
    private final boolean secure;
    private final Backends backends;
    private final Environment environment;
    /**
     * Whether a WebSocket is asked for. No other protocol is offered to pods: within a tunnel of h2c, say, would flow
     * requests that no route was asked about.
     */
    private final boolean upgrade;

    Forwarding(
            Exchange x,
            Route route,
            Body body,
            long length,
            boolean secure,
            Backends backends,
            Environment environment) {
        this.x = x;
        this.route = route;
        this.body = body;
        this.length = length;
        this.secure = secure;
        this.backends = backends;
        this.environment = environment;
        this.upgrade = x.minor == 1
                && length == 0
                && x.method.equals("GET")
                && x.request.has("connection", "upgrade")
                && x.request.all("upgrade").size() == 1
                && x.request.get("upgrade").equalsIgnoreCase("websocket");
    }

    /** @return whether the client's connection may go on; false also when nothing was answered, see the exchange */
    boolean run(List<InetSocketAddress> endpoints, boolean close) throws IOException {
        Head head = request();
        int attempt = 0;
        for (int i = 0; attempt < ATTEMPTS && i < Math.max(endpoints.size(), 2); attempt++) {
            InetSocketAddress endpoint = endpoints.get(i % endpoints.size());
            Wire wire = x.repeatable() ? backends.reuse(endpoint) : null;
            boolean reused = wire != null;
            x.tried.add(endpoint.getAddress().getHostAddress() + ":" + endpoint.getPort());
            if (wire == null) {
                try {
                    wire = backends.connect(endpoint, route.options().connectMillis());
                } catch (SocketTimeoutException e) {
                    x.failure = 504;
                    i++;
                    continue;
                } catch (IOException e) {
                    x.failure = 502;
                    i++;
                    continue;
                }
            }
            Head response;
            try {
                response = ask(wire, head);
            } catch (Head.Malformed e) {
                wire.close();
                throw body.ended() || length == 0 ? new Head.Malformed(502, "backend") : e;
            } catch (SocketTimeoutException e) {
                wire.close();
                x.failure = 504;
                return false;
            } catch (IOException e) {
                wire.close();
                x.failure = 502;
                if (!x.repeatable()) {
                    return false;
                }
                // A connection that waited may simply have been closed: the same pod deserves a fresh one.
                i += reused ? 0 : 1;
                continue;
            }
            return relay(endpoint, wire, response, close);
        }
        return false;
    }

    private Head request() {
        List<Head.Field> fields = new ArrayList<>(x.request.endToEnd(REPLACED));
        // As ingress-nginx: for CGI and its heirs X_Real_IP is X-Real-IP.
        fields.removeIf(f -> f.name().indexOf('_') >= 0);
        String client = ((InetSocketAddress) x.client.socket().getRemoteSocketAddress())
                .getAddress()
                .getHostAddress();
        String scheme = secure ? "https" : "http";
        String id = x.request.get("x-request-id");
        add(
                fields,
                "X-Request-ID",
                id.isEmpty() ? environment.entropy().uuid().toString().replace("-", "") : id);
        add(fields, "X-Real-IP", client);
        add(fields, "X-Forwarded-For", client);
        add(fields, "X-Forwarded-Host", x.request.get("host"));
        add(fields, "X-Forwarded-Port", Integer.toString(x.client.socket().getLocalPort()));
        add(fields, "X-Forwarded-Proto", scheme);
        add(fields, "X-Forwarded-Scheme", scheme);
        add(fields, "X-Scheme", scheme);
        if (upgrade) {
            add(fields, "Connection", "Upgrade");
            add(fields, "Upgrade", "websocket");
        }
        if (length == Body.CHUNKED) {
            add(fields, "Transfer-Encoding", "chunked");
        } else if (length > 0 || !x.request.get("content-length").isEmpty()) {
            add(fields, "Content-Length", Long.toString(length));
        }
        return new Head(x.method + " " + x.asked + " HTTP/1.1", fields);
    }

    private static void add(List<Head.Field> fields, String name, String value) {
        fields.add(new Head.Field(name, value));
    }

    private Head ask(Wire wire, Head head) throws IOException {
        wire.socket().setSoTimeout(route.options().readMillis());
        head.write(wire.out());
        byte[] replay = x.replay;
        if (replay != null) {
            wire.out().write(replay);
        } else {
            wire.out().flush();
            body.copy(wire.out(), length == Body.CHUNKED, route.options().bodyLimit());
        }
        wire.out().flush();
        Head response = Head.response(wire.in());
        while (response != null && status(response) < 200 && status(response) != 101) {
            response = Head.response(wire.in());
        }
        if (response == null) {
            throw new IOException("upstream prematurely closed connection");
        }
        if (status(response) == 101 && !upgrade) {
            throw new Head.Malformed(502, "upstream switched protocols unasked");
        }
        // Refuses contradictory ones while there still is time for another answer.
        response.length(Body.UNTIL_CLOSED);
        return response;
    }

    private static int status(Head response) throws IOException {
        String[] words = response.start.split(" ", 3);
        if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("[1-9]\\d\\d")) {
            throw new IOException("upstream sent no valid HTTP/1 header");
        }
        return Integer.parseInt(words[1]);
    }

    private boolean relay(InetSocketAddress endpoint, Wire wire, Head response, boolean close) throws IOException {
        x.answered = true;
        x.status = status(response);
        boolean kept = false;
        try {
            if (x.status == 101) {
                tunnel(wire, response);
                return false;
            }
            boolean empty = x.method.equals("HEAD") || x.status == 204 || x.status == 304;
            long size = empty ? 0 : response.length(Body.UNTIL_CLOSED);
            boolean chunks = size < 0 && x.minor == 1;
            boolean end = close || size < 0 && !chunks;
            List<Head.Field> fields = new ArrayList<>(response.endToEnd(Set.of()));
            if (chunks) {
                add(fields, "Transfer-Encoding", "chunked");
            }
            if (secure && response.get("strict-transport-security").isEmpty()) {
                add(fields, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
            }
            if (end) {
                add(fields, "Connection", "close");
            }
            new Head("HTTP/1.1" + response.start.substring(8), fields).write(x.client.out());
            Body from = new Body(wire.in(), size);
            x.sent = from.copy(x.client.out(), chunks, 0);
            kept = response.start.startsWith("HTTP/1.1")
                    && !response.has("connection", "close")
                    && size != Body.UNTIL_CLOSED;
            return !end;
        } catch (Head.Malformed e) {
            // Too late for another status: closing in the middle is how the client learns of it.
            throw new IOException(e);
        } finally {
            if (kept) {
                backends.giveBack(endpoint, wire);
            } else {
                wire.close();
            }
        }
    }

    /** After {@code 101 Switching Protocols}: bytes both ways until either side ends. */
    private void tunnel(Wire wire, Head response) throws IOException {
        List<Head.Field> fields = new ArrayList<>(response.endToEnd(Set.of()));
        add(fields, "Connection", "upgrade");
        add(fields, "Upgrade", response.get("upgrade"));
        new Head(response.start, fields).write(x.client.out());
        x.client.out().flush();
        x.client.socket().setSoTimeout(0);
        environment.tasks().start("ingress-tunnel", () -> pump(x.client, wire));
        x.sent = pump(wire, x.client);
    }

    private static long pump(Wire from, Wire to) {
        long total = 0;
        try (from;
                to) {
            InputStream in = from.in();
            OutputStream out = to.out();
            byte[] buffer = new byte[16 << 10];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
                out.flush();
                total += n;
            }
        } catch (IOException e) {
            // The other direction ended and closed both.
        }
        return total;
    }
}
