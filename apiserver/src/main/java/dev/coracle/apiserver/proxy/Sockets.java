package dev.coracle.apiserver.proxy;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/** What sockets and their loops are made of: the kernel's epoll itself where there is one, Java's selectors elsewhere. */
public final class Sockets {
    private static final boolean EPOLL = Epoll.isAvailable();

    private Sockets() {}

    /** One for each processor. */
    public static EventLoopGroup loops() {
        int count = Math.max(2, Runtime.getRuntime().availableProcessors());
        return new MultiThreadIoEventLoopGroup(count, EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    public static Class<? extends ServerChannel> server() {
        return EPOLL ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    public static Class<? extends Channel> client() {
        return EPOLL ? EpollSocketChannel.class : NioSocketChannel.class;
    }
}
