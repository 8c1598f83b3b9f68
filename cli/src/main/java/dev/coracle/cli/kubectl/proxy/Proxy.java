package dev.coracle.cli.kubectl.proxy;

import dev.coracle.apiserver.proxy.Relay;
import dev.coracle.apiserver.proxy.Sockets;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** {@code kubectl proxy}: serves until it is told to stop. */
public final class Proxy implements Verb {
    private static final long PORT = 8001;
    private static final int MOST_PORTS = 65_535;
    private static final int BODY = 64 << 20;

    @Override
    public Flags flags() {
        return Flags.of(
                "accept-hosts",
                "accept-paths",
                "address",
                "api-prefix",
                "append-server-path!",
                "disable-filter!",
                "port,p#",
                "reject-methods",
                "reject-paths",
                "unix-socket,u",
                "www,w",
                "www-prefix,P");
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException, InterruptedException {
        boolean filtered = !line.on("disable-filter");
        String socket = line.get("unix-socket");
        if (!filtered && socket.isEmpty()) {
            session.err()
                    .println("Request filter disabled, your proxy is vulnerable to XSRF attacks, please be cautious");
        }
        Filter filter = filtered ? Filter.of(line) : null;
        long port = line.number("port", PORT);
        if (port != PORT && !socket.isEmpty()) {
            throw new Failure("cannot set --unix-socket and --port at the same time");
        }
        var shared = new ProxyHandler.Shared(
                new Route(
                        slashed(line.get("api-prefix", "/")),
                        line.get("www").isEmpty() ? "" : slashed(line.get("www-prefix", "/static/"))),
                filter,
                files(session, line.get("www")),
                new Upstream(session.endpoint(), line.on("append-server-path")),
                // Its own certificates are for kubelets.
                new Relay("", "", ""),
                session.err()::println);
        EventLoopGroup loops = Sockets.loops();
        try {
            Channel listening = socket.isEmpty()
                    ? listen(loops, shared, line.get("address", "127.0.0.1"), port)
                    : listen(loops, shared, Path.of(socket));
            String at = socket.isEmpty() ? shown((InetSocketAddress) listening.localAddress()) : socket;
            session.out().println("Starting to serve on " + at);
            session.out().flush();
            listening.closeFuture().sync();
            return 0;
        } finally {
            loops.shutdownGracefully(0, 2, TimeUnit.SECONDS);
        }
    }

    private static String slashed(String prefix) {
        return prefix.endsWith("/") ? prefix : prefix + "/";
    }

    private static @Nullable StaticFiles files(Session session, String directory) {
        if (directory.isEmpty()) {
            return null;
        }
        Path path = Path.of(directory);
        if (!Files.exists(path)) {
            session.err()
                    .println("Failed to stat static file directory " + directory + ": stat " + directory
                            + ": no such file or directory");
        } else if (!Files.isDirectory(path)) {
            session.err().println("Static file directory " + directory + " is not a directory");
        }
        return new StaticFiles(path);
    }

    private static String shown(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    private static Channel listen(EventLoopGroup loops, ProxyHandler.Shared shared, String address, long port)
            throws InterruptedException {
        if (port < 0 || port > MOST_PORTS) {
            throw new Failure("listen tcp: address " + port + ": invalid port");
        }
        var at = new InetSocketAddress(address, (int) port);
        if (at.isUnresolved()) {
            throw new Failure("listen tcp: lookup " + address + ": no such host");
        }
        return bind(loops, shared, Sockets.server(), at, "listen tcp " + address + ":" + port);
    }

    /**
     * For nobody but the user, whom the proxy speaks for: so it is made where nobody else can come, and shown in its
     * place when it is shut to them.
     */
    private static Channel listen(EventLoopGroup loops, ProxyHandler.Shared shared, Path socket)
            throws IOException, InterruptedException {
        Path place = socket.toAbsolutePath();
        if (Files.exists(place)
                && !Files.readAttributes(place, BasicFileAttributes.class).isOther()) {
            throw new Failure("listen unix " + socket + ": bind: address already in use");
        }
        Path parent = place.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new Failure("listen unix " + socket + ": bind: no such file or directory");
        }
        Path room = Files.createTempDirectory(parent, ".k");
        Path made = room.resolve("s");
        try {
            Channel listening = Epoll.isAvailable()
                    ? bind(
                            loops,
                            shared,
                            EpollServerDomainSocketChannel.class,
                            new DomainSocketAddress(made.toFile()),
                            "listen unix " + socket)
                    : bind(
                            loops,
                            shared,
                            NioServerDomainSocketChannel.class,
                            UnixDomainSocketAddress.of(made),
                            "listen unix " + socket);
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
            Files.move(made, place, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            return listening;
        } finally {
            Files.deleteIfExists(made);
            Files.delete(room);
        }
    }

    private static Channel bind(
            EventLoopGroup loops,
            ProxyHandler.Shared shared,
            Class<? extends ServerChannel> kind,
            SocketAddress at,
            String what)
            throws InterruptedException {
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(kind)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel ch) {
                        ch.pipeline()
                                .addLast(new HttpServerCodec(64 << 10, 64 << 10, 64 << 10))
                                .addLast(new HttpObjectAggregator(BODY))
                                .addLast(new ProxyHandler(shared));
                    }
                })
                .bind(at)
                .await();
        if (!bound.isSuccess()) {
            String why = String.valueOf(bound.cause().getMessage());
            throw new Failure(what + ": bind: "
                    + (why.contains("in use")
                            ? "address already in use"
                            : why.contains("assign") ? "cannot assign requested address" : why));
        }
        return bound.channel();
    }
}
