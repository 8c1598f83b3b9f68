package dev.coracle.kubelet.probe;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Real probes: commands through the runtime, HTTP, gRPC and TCP straight to the pod's address. Words as Go's net package.
 */
public final class NetworkProber implements Prober, AutoCloseable {
    private static final int LONGEST_OUTPUT = 10 << 10;

    private final RuntimeService runtime;
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final HttpProbe http = new HttpProbe(loops);
    private final GrpcProbe grpc = new GrpcProbe(loops);

    public NetworkProber(RuntimeService runtime) {
        this.runtime = runtime;
    }

    @Override
    public Answer ask(Question q) {
        Unstructured h = q.handler();
        int timeout = (int) Math.max(1, h.integer(1, "timeoutSeconds")) * 1000;
        if (h.has("exec")) {
            return exec(q, timeout);
        }
        if (h.has("httpGet")) {
            return http(q, h.object("httpGet"), timeout);
        }
        if (h.has("tcpSocket")) {
            return tcp(q, h.object("tcpSocket"), timeout);
        }
        if (h.has("grpc")) {
            return grpc(q, h.object("grpc"), timeout);
        }
        return new Answer(Result.ERROR, "missing probe handler");
    }

    private Answer exec(Question q, int timeout) {
        try {
            var result = runtime.execSync(
                    q.containerId(), q.handler().stringList("exec", "command"), Duration.ofMillis(timeout));
            var all = new ByteArrayOutputStream();
            all.writeBytes(result.stdout());
            all.writeBytes(result.stderr());
            String text = all.toString(StandardCharsets.UTF_8);
            return new Answer(
                    result.exitCode() == 0, text.length() > LONGEST_OUTPUT ? text.substring(0, LONGEST_OUTPUT) : text);
        } catch (CriException e) {
            return new Answer(false, String.valueOf(e.getMessage()));
        }
    }

    /** A port's number, or -1 when there is no port of that name. */
    private static int port(Question q, Unstructured handler) {
        if (!(handler.get("port") instanceof String name)) {
            return (int) handler.integer(-1, "port");
        }
        return q.ports().stream()
                .filter(p -> p.string("name").equals(name))
                .map(p -> (int) p.integer(-1, "containerPort"))
                .findFirst()
                .orElseGet(() -> name.chars().allMatch(Character::isDigit) ? Integer.parseInt(name) : -1);
    }

    private static Answer tcp(Question q, Unstructured handler, int timeout) {
        String host = handler.stringOr(q.podIp(), "host");
        int port = port(q, handler);
        if (port < 0) {
            return new Answer(false, "couldn't find port: " + handler.get("port"));
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), timeout);
            return new Answer(true, "");
        } catch (IOException | IllegalArgumentException e) {
            return new Answer(false, "dial tcp " + host + ":" + port + ": " + words(e));
        }
    }

    static String words(Throwable e) {
        return switch (e) {
            case SocketTimeoutException t -> "i/o timeout";
            case NoRouteToHostException n -> "connect: no route to host";
            case ConnectException c -> "connect: connection refused";
            default -> e.getMessage() == null ? e.toString() : e.getMessage();
        };
    }

    private Answer http(Question q, Unstructured handler, int timeout) {
        int port = port(q, handler);
        if (port < 0) {
            return new Answer(false, "couldn't find port: " + handler.get("port"));
        }
        String scheme = handler.string("scheme").equals("HTTPS") ? "https" : "http";
        String path = handler.stringOr("/", "path");
        String url = scheme + "://" + authority(handler.stringOr(q.podIp(), "host"), port)
                + encoded(path.startsWith("/") ? path : "/" + path);
        try {
            return http.ask(URI.create(url), handler.objects("httpHeaders"), Duration.ofMillis(timeout));
        } catch (IllegalArgumentException e) {
            return new Answer(false, "parse \"" + url + "\": " + e.getMessage());
        }
    }

    private Answer grpc(Question q, Unstructured handler, int timeout) {
        int port = port(q, handler);
        return grpc.ask(
                new InetSocketAddress(q.podIp(), port),
                authority(q.podIp(), port),
                handler.string("service"),
                Duration.ofMillis(timeout));
    }

    private static String authority(String host, int port) {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** What may not stand in a URL as it is; what is encoded already stays. */
    private static String encoded(String path) {
        StringBuilder s = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            if (b <= ' ' || b == 0x7f || "\"<>\\^`{|}".indexOf(b) >= 0) {
                s.append(String.format(Locale.ROOT, "%%%02X", b & 0xff));
            } else {
                s.append((char) b);
            }
        }
        return s.toString();
    }

    /** No more probes; those that are being asked fail. */
    @Override
    public void close() {
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
