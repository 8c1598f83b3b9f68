package dev.coracle.kubelet.server.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/**
 * {@code v4.channel.k8s.io} and {@code v5.channel.k8s.io}: the first byte of each message says which channel the rest
 * is of. Version 5 adds channel 255, with which a client ends another: {@code [255, 0]} is the end of stdin.
 */
public final class WebSocketStreams extends SimpleChannelInboundHandler<WebSocketFrame> implements CommandStreams {
    public static final String V4 = "v4.channel.k8s.io";
    public static final String V5 = "v5.channel.k8s.io";

    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int ERROR = 3;
    private static final int RESIZE = 4;
    private static final int CLOSE = 255;
    private static final int NONE = -1;

    private final Channel channel;
    private final Wanted wanted;
    private final boolean closes;
    private final Inflow stdin;
    private final Inflow resizes;
    private final OutputStream stdout;
    private final OutputStream stderr;
    private final OutputStream error;
    /** Of the message whose frames are arriving. */
    private int current = NONE;

    public WebSocketStreams(Channel channel, String protocol, Wanted wanted) {
        this.channel = channel;
        this.wanted = wanted;
        this.closes = protocol.equals(V5);
        ReadGate gate = new ReadGate(channel);
        this.stdin = new Inflow(gate);
        this.resizes = new Inflow(gate);
        if (!wanted.stdin()) {
            stdin.end();
        }
        this.stdout = wanted.stdout() ? outflow(STDOUT) : OutputStream.nullOutputStream();
        this.stderr = wanted.stderr() ? outflow(STDERR) : OutputStream.nullOutputStream();
        this.error = outflow(ERROR);
    }

    private OutputStream outflow(int number) {
        return new Outflow(channel, data -> message(number, data), () -> null);
    }

    private static WebSocketFrame message(int number, ByteBuf data) {
        return new BinaryWebSocketFrame(
                Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(new byte[] {(byte) number}), data));
    }

    /** An empty message on the lowest channel that is ours tells the client that the session stands. */
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        int lowest = wanted.stdout() ? STDOUT : wanted.stderr() ? STDERR : ERROR;
        ctx.writeAndFlush(message(lowest, Unpooled.EMPTY_BUFFER));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
        ByteBuf data = frame.content();
        if ((frame instanceof BinaryWebSocketFrame || frame instanceof TextWebSocketFrame)) {
            current = data.isReadable() ? data.readUnsignedByte() : NONE;
        }
        Map<Integer, Inflow> incoming = Map.of(STDIN, stdin, RESIZE, resizes);
        if (current == CLOSE && closes) {
            while (data.isReadable()) {
                Inflow ended = incoming.get((int) data.readUnsignedByte());
                if (ended != null) {
                    ended.end();
                }
            }
        } else {
            Inflow to = incoming.get(current);
            if (to != null) {
                to.put(ByteBufUtil.getBytes(data));
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stdin.fail("the client is gone");
        resizes.fail("the client is gone");
        ctx.fireChannelInactive();
    }

    @Override
    public InputStream stdin() {
        return stdin;
    }

    @Override
    public OutputStream stdout() {
        return stdout;
    }

    @Override
    public OutputStream stderr() {
        return stderr;
    }

    @Override
    public InputStream resizes() {
        return resizes;
    }

    @Override
    public void finish(byte[] status) throws IOException {
        error.write(status);
        stdin.close();
        resizes.close();
        channel.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
        Farewell.to(channel);
    }

    @Override
    public void onGone(Runnable action) {
        channel.closeFuture().addListener(f -> action.run());
    }
}
