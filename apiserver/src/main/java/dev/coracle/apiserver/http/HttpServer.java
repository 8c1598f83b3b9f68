package dev.coracle.apiserver.http;

import dev.coracle.apiserver.ApiServerConfig;
import dev.coracle.apiserver.authentication.Authenticator;
import dev.coracle.apiserver.flowcontrol.FlowControl;
import dev.coracle.apiserver.proxy.Relay;
import dev.coracle.apiserver.proxy.Sockets;
import dev.coracle.client.pem.OneKey;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** HTTPS/1.1 on Netty: the event loop frames and relays, each request runs on a task of its own. */
public final class HttpServer implements AutoCloseable {
    private final ApiServerConfig config;
    private final X509Certificate[] authorities;
    private final RequestHandler.Shared shared;
    private final AtomicInteger connections = new AtomicInteger();
    private @Nullable EventLoopGroup loops;
    private @Nullable ServerBootstrap bootstrap;
    private final List<Channel> listeners = new ArrayList<>();

    /** @param authorities whose certificates clients are asked for */
    public HttpServer(
            ApiServerConfig config,
            Routes routes,
            Authenticator authenticator,
            X509Certificate[] authorities,
            Limits limits,
            FlowControl flows) {
        this.config = config;
        this.authorities = authorities.clone();
        this.shared = new RequestHandler.Shared(
                routes,
                authenticator,
                new Relay(config.kubeletCertificate(), config.kubeletKey(), config.clientCa()),
                config.environment(),
                limits,
                flows);
    }

    public void start() {
        SslContext tls = tls();
        EventLoopGroup group = Sockets.loops();
        loops = group;
        ServerBootstrap server = new ServerBootstrap()
                .group(group)
                .channel(Sockets.server())
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
                                .addLast("tls", handshaking(tls.newHandler(ch.alloc())))
                                .addLast(new HttpServerCodec(64 << 10, 64 << 10, 64 << 10))
                                .addLast(new RequestHandler(shared));
                    }
                });
        bootstrap = server;
        listen(new InetSocketAddress(config.bindAddress(), config.port()));
    }

    /**
     * Opens one more door, which closes with the rest; to be called after {@link #start}.
     *
     * @throws IllegalStateException when the address is taken
     */
    public void listen(InetSocketAddress address) {
        ServerBootstrap server = bootstrap;
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        ChannelFuture bound = server.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            String at = address.getHostString() + ":" + address.getPort();
            throw new IllegalStateException(
                    "kube-apiserver cannot listen on " + at + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        listeners.add(bound.channel());
    }

    public InetSocketAddress address() {
        if (listeners.isEmpty()) {
            throw new IllegalStateException("not started");
        }
        return (InetSocketAddress) listeners.getFirst().localAddress();
    }

    /** The handshake is part of the time that a connection may stand without a request; it has no limit of its own. */
    private static SslHandler handshaking(SslHandler tls) {
        tls.setHandshakeTimeoutMillis(0);
        return tls;
    }

    private SslContext tls() {
        try {
            return SslContextBuilder.forServer(OneKey.of(config.certificate(), config.key()))
                    .trustManager(new AnyClient(authorities))
                    .clientAuth(ClientAuth.OPTIONAL)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
        } catch (SSLException | GeneralSecurityException e) {
            throw new IllegalStateException("the serving certificate cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        listeners.forEach(l -> l.close().syncUninterruptibly());
        listeners.clear();
        EventLoopGroup group = loops;
        if (group != null) {
            group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }
}
