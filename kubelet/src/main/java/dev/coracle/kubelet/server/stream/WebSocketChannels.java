package dev.coracle.kubelet.server.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;

/**
 * Numbered channels over a WebSocket ({@code v4.channel.k8s.io}, {@code v5.channel.k8s.io}): the first byte of each
 * message says which channel the rest is of. Version 5 adds channel 255, with which a client ends another:
 * {@code [255, 0]} is the end of channel 0.
 */
public final class WebSocketChannels extends SimpleChannelInboundHandler<WebSocketFrame> {
    public static final String V4 = "v4.channel.k8s.io";
    public static final String V5 = "v5.channel.k8s.io";

    private static final int CLOSE = 255;
    private static final int NONE = -1;

    private final Channel channel;
    private final boolean closes;
    private final ReadGate gate;
    private final Map<Integer, Inflow> incoming = new HashMap<>();
    /** Of the message whose frames are arriving. */
    private int current = NONE;

    public WebSocketChannels(Channel channel, String protocol) {
        this.channel = channel;
        this.closes = protocol.equals(V5);
        this.gate = new ReadGate(channel, PingWebSocketFrame::new);
    }

    /** What the client sends on a channel. To be called before the upgrade; other channels are not read. */
    public InputStream in(int number) {
        return incoming.computeIfAbsent(number, n -> new Inflow(gate));
    }

    public OutputStream out(int number) {
        return new Outflow(channel, data -> message(number, data), () -> null);
    }

    private static WebSocketFrame message(int number, ByteBuf data) {
        ByteBuf head = Unpooled.wrappedBuffer(new byte[] {(byte) number});
        return new BinaryWebSocketFrame(Unpooled.wrappedBuffer(head, data));
    }

    /** An empty message, which tells the client that the session stands. */
    void announce(int number) {
        channel.writeAndFlush(message(number, Unpooled.EMPTY_BUFFER));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
        ByteBuf data = frame.content();
        if (frame instanceof BinaryWebSocketFrame || frame instanceof TextWebSocketFrame) {
            current = data.isReadable() ? data.readUnsignedByte() : NONE;
        }
        if (current == CLOSE && closes) {
            while (data.isReadable()) {
                Inflow ended = incoming.get((int) data.readUnsignedByte());
                if (ended != null) {
                    ended.end();
                }
            }
            return;
        }
        Inflow to = incoming.get(current);
        if (to != null) {
            to.put(ByteBufUtil.getBytes(data));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        incoming.values().forEach(i -> i.fail("the client is gone"));
        ctx.fireChannelInactive();
    }

    public void onGone(Runnable action) {
        channel.closeFuture().addListener(f -> action.run());
    }

    /** Everything is said. */
    public void finish() {
        incoming.values().forEach(Inflow::close);
        channel.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
        Farewell.to(channel);
    }
}
