package dev.coracle.bench.load;

import dev.coracle.client.https.Endpoint;
import dev.coracle.client.pem.Pem;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 to one endpoint as cheaply as can be, since the client has the same machine: an answer is framed and counted,
 * not looked into.
 */
final class Wire implements AutoCloseable {
    private final URI server;
    private final String token;
    private final @Nullable SslContext tls;
    private final int port;
    private final EventLoopGroup loops;

    Wire(Endpoint endpoint, int threads) throws IOException, GeneralSecurityException {
        this.server = endpoint.server();
        this.token = endpoint.tokenFile().isEmpty()
                ? endpoint.token()
                : Files.readString(Path.of(endpoint.tokenFile())).trim();
        boolean secure = "https".equals(server.getScheme());
        this.tls = secure ? tls(endpoint) : null;
        this.port = server.getPort() > 0 ? server.getPort() : secure ? 443 : 80;
        this.loops = new MultiThreadIoEventLoopGroup(threads, NioIoHandler.newFactory());
    }

    private static SslContext tls(Endpoint endpoint) throws IOException, GeneralSecurityException {
        SslContextBuilder b = SslContextBuilder.forClient();
        if (endpoint.insecure()) {
            b.trustManager(InsecureTrustManagerFactory.INSTANCE);
            b.endpointIdentificationAlgorithm("");
        } else if (!endpoint.certificateAuthority().isEmpty()) {
            b.trustManager(Pem.certificates(endpoint.certificateAuthority()).toArray(X509Certificate[]::new));
        }
        if (!endpoint.certificate().isEmpty()) {
            b.keyManager(
                    Pem.privateKey(endpoint.key()),
                    Pem.certificates(endpoint.certificate()).toArray(X509Certificate[]::new));
        }
        return b.build();
    }

    ChannelFuture connect(ChannelHandler... handlers) {
        return new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel ch) {
                        if (tls != null) {
                            ch.pipeline().addLast(tls.newHandler(ch.alloc(), server.getHost(), port));
                        }
                        ch.pipeline().addLast(new HttpClientCodec(4096, 64 << 10, 64 << 10));
                        ch.pipeline().addLast(handlers);
                    }
                })
                .connect(server.getHost(), port);
    }

    /** Done when requests can be sent. */
    Future<?> secured(Channel c) {
        SslHandler handler = c.pipeline().get(SslHandler.class);
        return handler == null ? c.newSucceededFuture() : handler.handshakeFuture();
    }

    FullHttpRequest request(Call call, ByteBuf body) {
        String base = Objects.requireNonNullElse(server.getRawPath(), "").replaceAll("/+$", "");
        var request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.valueOf(call.method()), base + call.path(), body);
        request.headers()
                .set(HttpHeaderNames.HOST, server.getAuthority())
                .set(HttpHeaderNames.ACCEPT, "application/json")
                .set(HttpHeaderNames.USER_AGENT, "coracle-load");
        if (!token.isEmpty()) {
            request.headers().set(HttpHeaderNames.AUTHORIZATION, "Bearer " + token);
        }
        if (!call.type().isEmpty()) {
            request.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, call.type())
                    .set(HttpHeaderNames.CONTENT_LENGTH, call.body().length);
        }
        return request;
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
