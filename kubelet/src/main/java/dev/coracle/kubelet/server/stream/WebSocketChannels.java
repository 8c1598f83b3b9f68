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
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/**
 * Numbered channels over a WebSocket: the first byte of each message says which channel the rest is of. Of the dialects
 * ({@code channel.k8s.io}, which is meant too where a client names none, {@code v4.} and {@code v5.channel.k8s.io}), version
 * 5 adds channel 255, with which a client ends another: {@code [255, 0]} is the end of channel 0. The {@code base64.} ones
 * send text: the channel's digit, then base64.
 *
 * <p>A client that closes in good order has said all it had to say: what it sent is still read to its end, and what is told
 * it from then on goes nowhere. With one whose connection breaks, everything ends.
 */
public final class WebSocketChannels extends SimpleChannelInboundHandler<WebSocketFrame> {
    public static final String NONE_NAMED = "";
    public static final String V1 = "channel.k8s.io";
    public static final String V1_BASE64 = "base64.channel.k8s.io";
    public static final String V4 = "v4.channel.k8s.io";
    public static final String V4_BASE64 = "v4.base64.channel.k8s.io";
    public static final String V5 = "v5.channel.k8s.io";

    private static final int CLOSE = 255;
    private static final int NONE = -1;

    private final Channel channel;
    private final boolean closes;
    private final boolean base64;
    private final boolean statuses;
    private final ReadGate gate;
    private final Map<Integer, Inflow> incoming = new HashMap<>();
    /** Of the message whose frames are arriving. */
    private int current = NONE;

    private volatile boolean left;

    public WebSocketChannels(Channel channel, String protocol) {
        this.channel = channel;
        this.closes = protocol.equals(V5);
        this.base64 = protocol.contains("base64.");
        this.statuses = protocol.startsWith("v4.") || protocol.startsWith("v5.");
        this.gate = new ReadGate(channel, PingWebSocketFrame::new);
    }

    /** What the client sends on a channel. To be called before the upgrade; other channels are not read. */
    public InputStream in(int number) {
        return incoming.computeIfAbsent(number, n -> new Inflow(gate));
    }

    public OutputStream out(int number) {
        return new UntilLeft(new Outflow(channel, data -> message(number, data), () -> null));
    }

    /** Takes everything, and after the client has left drops it. */
    private final class UntilLeft extends OutputStream {
        private final OutputStream to;

        UntilLeft(OutputStream to) {
            this.to = to;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            if (left) {
                return;
            }
            try {
                to.write(from, offset, length);
            } catch (IOException e) {
                if (!left) {
                    throw e;
                }
            }
        }
    }

    /** Whether the error channel takes a JSON {@code Status}; else it takes text, and of failures alone. */
    boolean statuses() {
        return statuses;
    }

    private WebSocketFrame message(int number, ByteBuf data) {
        if (base64) {
            String text = number + Base64.getEncoder().encodeToString(ByteBufUtil.getBytes(data));
            data.release();
            return new TextWebSocketFrame(text);
        }
        ByteBuf head = Unpooled.wrappedBuffer(new byte[] {(byte) number});
        return new BinaryWebSocketFrame(Unpooled.wrappedBuffer(head, data));
    }

    /** An empty message, which tells the client that the session stands. */
    void announce(int number) {
        channel.writeAndFlush(message(number, Unpooled.EMPTY_BUFFER));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
        if (base64) {
            encoded(frame);
            return;
        }
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

    private void encoded(WebSocketFrame frame) {
        String text = frame.content().toString(StandardCharsets.US_ASCII);
        Inflow to = text.isEmpty() ? null : incoming.get(text.charAt(0) - '0');
        if (to != null) {
            try {
                to.put(Base64.getDecoder().decode(text.substring(1).trim()));
            } catch (IllegalArgumentException e) {
                to.fail("not base64");
            }
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == WebSocketControl.LEFT) {
            left = true;
            incoming.values().forEach(Inflow::end);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        incoming.values().forEach(i -> i.fail("the client is gone"));
        ctx.fireChannelInactive();
    }

    /** Not run for a client that left in good order. */
    public void onGone(Runnable action) {
        channel.closeFuture().addListener(f -> {
            if (!left) {
                action.run();
            }
        });
    }

    /** A client that closes is answered when {@link #finish} is called, or after a while. */
    void answerCloseAtTheEnd() {
        channel.attr(WebSocketControl.UNDER_WAY).set(channel.eventLoop().newPromise());
    }

    /** Everything is said. */
    public void finish() {
        incoming.values().forEach(Inflow::close);
        Promise<Void> underWay = channel.attr(WebSocketControl.UNDER_WAY).get();
        if (underWay == null || !left) {
            channel.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
        }
        if (underWay != null) {
            underWay.trySuccess(null);
        }
        Farewell.to(channel);
    }
}
