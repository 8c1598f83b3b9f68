package dev.coracle.kubelet.server;

import dev.coracle.client.pem.OneKey;
import dev.coracle.kubelet.server.http.Connections;
import dev.coracle.kubelet.server.log.FileChanges;
import dev.coracle.kubelet.stats.NodeStats;
import dev.coracle.machinery.env.Environment;
import dev.coracle.runtime.RuntimeService;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Serves a kubelet's HTTPS API. Callers must show a certificate of the cluster's CA, and only the API server's identity
 * and the group {@code system:masters} may call. There is no read-only port.
 */
public final class KubeletServer implements AutoCloseable {
    private final ServerConfig config;
    private final FileChanges changes;
    private final Routes routes;
    private final Environment environment;
    private @Nullable Connections connections;
    private @Nullable EventLoopGroup loops;
    private @Nullable Channel listener;

    public KubeletServer(ServerConfig config, PodLookup pods, RuntimeService runtime, Environment environment) {
        this.config = config;
        this.environment = environment;
        this.changes = new FileChanges(environment.tasks());
        this.routes = new Routes(
                pods,
                new NodeStats(config.nodeName(), runtime, environment.clock()),
                new LogEndpoint(pods, runtime, changes, environment),
                new CommandEndpoint(pods, runtime, environment),
                new PortForwardEndpoint(pods, runtime, environment));
    }

    /** Binds. @throws IllegalStateException when the address is taken or the certificate cannot be used */
    public synchronized void start() {
        Connections c = new Connections(tls(), routes, environment);
        connections = c;
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        loops = group;
        var bound = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(c)
                .bind(config.host(), config.port())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            close();
            throw new IllegalStateException(
                    "the kubelet cannot serve on " + config.host() + ":" + config.port() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        listener = bound.channel();
    }

    /** The port it is bound to. */
    public synchronized int port() {
        Channel l = listener;
        if (l == null) {
            throw new IllegalStateException("not started");
        }
        return ((InetSocketAddress) l.localAddress()).getPort();
    }

    private SslContext tls() {
        try {
            return SslContextBuilder.forServer(OneKey.of(config.certificatePem(), config.keyPem()))
                    .trustManager(stream(config.clientCaPem()))
                    .clientAuth(ClientAuth.REQUIRE)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
        } catch (SSLException | GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalStateException("the kubelet's serving certificate cannot be used: " + e.getMessage(), e);
        }
    }

    private static InputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    /** Ends every session and frees the port. The containers run on; commands begun by exec end. */
    @Override
    public synchronized void close() {
        Channel l = listener;
        listener = null;
        if (l != null) {
            l.close().awaitUninterruptibly();
        }
        Connections c = connections;
        connections = null;
        if (c != null) {
            c.close();
        }
        EventLoopGroup group = loops;
        loops = null;
        if (group != null) {
            group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        }
        changes.close();
    }
}
