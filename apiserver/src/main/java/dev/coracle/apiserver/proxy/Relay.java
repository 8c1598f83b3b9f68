package dev.coracle.apiserver.proxy;

import dev.coracle.apiserver.proxy.Destination.Kind;
import dev.coracle.apiserver.proxy.Destination.Security;
import dev.coracle.machinery.object.StatusException;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;

/**
 * Carries a request to another server and the answer back, both on the client's event loop and without a thread. Each
 * side is read only when the other has taken what was read before, so a slow reader slows its writer and no memory
 * fills up.
 */
public final class Relay {
    private static final int CONNECT_MILLIS = 10_000;
    private static final String BEARER_PROTOCOL = "base64url.bearer.authorization.k8s.io.";
    /** Of one connection only (RFC 9110, 7.6.1), or of the caller and nobody else's business. */
    private static final Set<String> NOT_FORWARDED = Set.of(
            "host",
            "authorization",
            "connection",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "content-length",
            "upgrade",
            "expect");

    private final String certificate;
    private final String key;
    private final String authority;
    private final Map<Security, SslContext> contexts = new EnumMap<>(Security.class);

    /**
     * @param certificate and {@code key}: with what kubelets are called, PEM
     * @param authority signs the certificates of kubelets, PEM
     */
    public Relay(String certificate, String key, String authority) {
        this.certificate = certificate;
        this.key = key;
        this.authority = authority;
    }

    /** How it went; called on the client's event loop, one of the two, once, unless a connection breaks. */
    public interface Outcome {
        /** The answer has been sent whole: the client may ask again. */
        void answered();

        /** Nothing has been sent yet. */
        void failed(StatusException why);
    }

    /**
     * @param request as the client sent it
     * @param client whose pipeline ends here and speaks HTTP until both sides agree on something else
     */
    public void carry(Destination to, HttpRequest request, byte[] body, ChannelHandlerContext client, Outcome outcome) {
        boolean upgrade = request.headers().contains(HttpHeaderNames.UPGRADE);
        if (to.kind() == Kind.STREAMS && !upgrade) {
            client.executor().execute(() -> outcome.failed(StatusException.badRequest("Upgrade request required")));
            return;
        }
        FullHttpRequest forwarded = forwarded(to, request, body);
        var backend = new BackendHandler(to, request, client, outcome);
        new Bootstrap()
                .group(client.channel().eventLoop())
                .channel(Sockets.client())
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel ch) throws SSLException {
                        if (to.api().isPresent()) {
                            Destination.Api api = to.api().get();
                            ch.pipeline().addLast(api.tls().newHandler(ch.alloc(), api.serverName(), to.port()));
                        } else if (to.security() != Security.PLAIN) {
                            ch.pipeline().addLast(context(to.security()).newHandler(ch.alloc(), to.host(), to.port()));
                        }
                        ch.pipeline().addLast(new HttpClientCodec(16 << 10, 64 << 10, 64 << 10));
                        ch.pipeline().addLast(backend);
                    }
                })
                .connect(to.host(), to.port())
                .addListener((io.netty.channel.ChannelFuture connected) -> {
                    if (connected.isSuccess()) {
                        backend.begin(connected.channel(), forwarded);
                    } else {
                        forwarded.release();
                        backend.refuse(unreachable(to, connected.cause()));
                    }
                });
    }

    private static FullHttpRequest forwarded(Destination to, HttpRequest request, byte[] body) {
        var out = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, request.method(), to.target(), Unpooled.wrappedBuffer(body));
        HttpHeaders headers = out.headers();
        for (Map.Entry<String, String> h : request.headers()) {
            String name = h.getKey().toLowerCase(Locale.ROOT);
            if (NOT_FORWARDED.contains(name) || name.startsWith("impersonate-")) {
                continue;
            }
            if (to.kind() == Kind.API && name.startsWith("x-remote-")) {
                // Who asks, this server alone says.
                continue;
            }
            if (name.equals("sec-websocket-protocol")) {
                String rest = withoutToken(h.getValue());
                if (!rest.isEmpty()) {
                    headers.add(h.getKey(), rest);
                }
                continue;
            }
            headers.add(h.getKey(), h.getValue());
        }
        to.api().ifPresent(api -> headers.add(api.identity()));
        headers.set(HttpHeaderNames.HOST, to.authority());
        if (!to.prefix().isEmpty() && headers.get(HttpHeaderNames.ACCEPT, "").contains("text/html")) {
            // Links are found in plain text alone.
            headers.remove(HttpHeaderNames.ACCEPT_ENCODING);
        }
        String upgrade = request.headers().get(HttpHeaderNames.UPGRADE);
        if (upgrade != null && to.kind() != Kind.LOG) {
            headers.set(HttpHeaderNames.CONNECTION, "Upgrade").set(HttpHeaderNames.UPGRADE, upgrade);
        }
        if (body.length > 0) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        }
        return out;
    }

    /** Browsers can send a token nowhere but among the protocols; it was for this server. */
    private static String withoutToken(String protocols) {
        return String.join(
                ", ",
                List.of(protocols.split(",")).stream()
                        .map(String::trim)
                        .filter(p -> !p.startsWith(BEARER_PROTOCOL))
                        .toList());
    }

    /** The error of a connection that did not come about, in the words of Go's dialer, as upstream's users know it. */
    static StatusException unreachable(Destination to, Throwable cause) {
        Optional<String> untrusted = Untrusted.why(cause, to);
        String why = untrusted.isPresent()
                ? untrusted.get()
                : "dial tcp " + to.authority() + ": "
                        + switch (cause) {
                            case ConnectTimeoutException e -> "i/o timeout";
                            case NoRouteToHostException e -> "connect: no route to host";
                            case ConnectException e
                            when String.valueOf(e.getMessage()).contains("refused") -> "connect: connection refused";
                            default -> String.valueOf(cause.getMessage());
                        };
        return switch (to.kind()) {
            case STREAMS -> new StatusException(500, "", "error dialing backend: " + why);
            case LOG -> new StatusException(500, "", "Get \"" + to.url() + "\": " + why);
            case HTTP, API -> StatusException.unavailable("error trying to reach service: " + why);
        };
    }

    private synchronized SslContext context(Security security) throws SSLException {
        SslContext known = contexts.get(security);
        if (known != null) {
            return known;
        }
        SslContextBuilder b = SslContextBuilder.forClient().protocols("TLSv1.3", "TLSv1.2");
        if (security != Security.UNVERIFIED) {
            b.keyManager(pem(certificate), pem(key));
        }
        if (security == Security.KUBELET) {
            b.trustManager(pem(authority));
        } else {
            b.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm("");
        }
        SslContext made = b.build();
        contexts.put(security, made);
        return made;
    }

    private static InputStream pem(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }
}
