package dev.coracle.cli.kubectl;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers paths with documents, and plays the container's side of channels over a WebSocket. */
final class ChannelServer implements AutoCloseable {
    /** The container's side: told of what arrives on a channel; an empty array on channel 255 ends a channel. */
    interface Container {
        void opened(Sender sender);

        void received(Sender sender, int channel, byte[] bytes);
    }

    /** What the container says. */
    record Sender(Channel channel) {
        void say(int number, String text) {
            say(number, text.getBytes(StandardCharsets.UTF_8));
        }

        void say(int number, byte... bytes) {
            ByteBuf b = Unpooled.buffer().writeByte(number).writeBytes(bytes);
            channel.writeAndFlush(new BinaryWebSocketFrame(b));
        }

        void end() {
            channel.writeAndFlush(new CloseWebSocketFrame(1000, ""));
        }
    }

    final Map<String, String> documents = new ConcurrentHashMap<>();
    final List<String> upgrades = new CopyOnWriteArrayList<>();
    volatile Container container;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel listening;

    ChannelServer() throws InterruptedException {
        listening = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel c) {
                        c.pipeline().addLast(new HttpServerCodec(), new HttpObjectAggregator(1 << 20), new Handler());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    private final class Handler extends SimpleChannelInboundHandler<Object> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, Object message) {
            Sender sender = new Sender(ctx.channel());
            if (message instanceof FullHttpRequest request) {
                if (request.headers().contains("Upgrade")) {
                    upgrades.add(request.uri());
                    new WebSocketServerHandshakerFactory("ws://x", "v5.channel.k8s.io", false)
                            .newHandshaker(request)
                            .handshake(ctx.channel(), request)
                            .addListener(f -> container.opened(sender));
                    return;
                }
                String body = documents.get(request.uri());
                var response = new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        body == null ? HttpResponseStatus.NOT_FOUND : HttpResponseStatus.OK,
                        Unpooled.copiedBuffer(body == null ? "" : body, StandardCharsets.UTF_8));
                HttpUtil.setContentLength(response, response.content().readableBytes());
                ctx.writeAndFlush(response);
            } else if (message instanceof CloseWebSocketFrame) {
                ctx.close();
            } else if (message instanceof WebSocketFrame frame) {
                int channel = frame.content().readUnsignedByte();
                byte[] bytes = new byte[frame.content().readableBytes()];
                frame.content().readBytes(bytes);
                container.received(sender, channel, bytes);
            }
        }
    }

    @Override
    public void close() {
        listening.close();
        group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).syncUninterruptibly();
    }
}
