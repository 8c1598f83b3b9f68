package dev.coracle.apiserver.http;

import dev.coracle.apiserver.ApiServerConfig;
import dev.coracle.apiserver.authentication.Authenticator;
import dev.coracle.apiserver.proxy.Relay;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** HTTPS/1.1 on Netty: the event loop frames and relays, each request runs on a task of its own. */
public final class HttpServer implements AutoCloseable {
    private final ApiServerConfig config;
    private final RequestHandler.Shared shared;
    private final AtomicInteger connections = new AtomicInteger();
    private @Nullable EventLoopGroup loops;
    private @Nullable Channel listener;

    public HttpServer(ApiServerConfig config, Routes routes, Authenticator authenticator, Limits limits) {
        this.config = config;
        this.shared = new RequestHandler.Shared(
                routes,
                authenticator,
                new Relay(config.kubeletCertificate(), config.kubeletKey(), config.clientCa()),
                config.environment(),
                limits,
                new InFlight(limits));
    }

    public void start() {
        SslContext tls = tls();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        loops = group;
        listener = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel ch) {
                        int open = connections.incrementAndGet();
                        ch.closeFuture().addListener(closed -> connections.decrementAndGet());
                        if (open > shared.limits().connections()) {
                            ch.close();
                            return;
                        }
                        ch.pipeline()
                                .addLast("tls", tls.newHandler(ch.alloc()))
                                .addLast(new HttpServerCodec(16 << 10, 64 << 10, 64 << 10))
                                .addLast(new RequestHandler(shared));
                    }
                })
                .bind(config.bindAddress(), config.port())
                .syncUninterruptibly()
                .channel();
    }

    public InetSocketAddress address() {
        Channel l = listener;
        if (l == null) {
            throw new IllegalStateException("not started");
        }
        return (InetSocketAddress) l.localAddress();
    }

    private SslContext tls() {
        try {
            return SslContextBuilder.forServer(stream(config.certificate()), stream(config.key()))
                    .trustManager(stream(config.clientCa()))
                    .clientAuth(ClientAuth.OPTIONAL)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("the serving certificate cannot be used: " + e.getMessage(), e);
        }
    }

    private static InputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() {
        Channel l = listener;
        if (l != null) {
            l.close().syncUninterruptibly();
        }
        EventLoopGroup group = loops;
        if (group != null) {
            group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }
}
