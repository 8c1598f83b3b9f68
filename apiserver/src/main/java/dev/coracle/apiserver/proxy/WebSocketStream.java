package dev.coracle.apiserver.proxy;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A stream whose parts are messages of a WebSocket (RFC 6455), for clients that cannot read an answer as it comes. A client
 * may want them as {@code binary.k8s.io} or as text in {@code base64.binary.k8s.io}; one that names neither gets what is
 * usual for the stream. What the client says is not read, save for its farewell.
 */
public final class WebSocketStream {
    /** How a message carries its bytes. */
    public enum Framing {
        TEXT,
        BINARY,
        BASE64
    }

    private static final Map<String, Framing> PROTOCOLS =
            Map.of("binary.k8s.io", Framing.BINARY, "base64.binary.k8s.io", Framing.BASE64);
    private static final int MAX_FRAME = 4 << 10;

    private final ChannelHandlerContext ctx;
    private final Framing framing;

    private WebSocketStream(ChannelHandlerContext ctx, Framing framing) {
        this.ctx = ctx;
        this.framing = framing;
    }

    public static boolean wanted(HttpRequest request) {
        return request.headers().containsValue(HttpHeaderNames.UPGRADE, "websocket", true);
    }

    /**
     * Shakes hands; on the event loop.
     *
     * @param usual for a client that names no protocol
     */
    public static WebSocketStream begin(ChannelHandlerContext ctx, HttpRequest request, Framing usual) {
        Optional<String> protocol = request.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).stream()
                .flatMap(header -> List.of(header.split(",")).stream())
                .map(String::trim)
                .filter(PROTOCOLS::containsKey)
                .findFirst();
        var whole = new DefaultFullHttpRequest(
                request.protocolVersion(),
                request.method(),
                request.uri(),
                Unpooled.EMPTY_BUFFER,
                request.headers(),
                EmptyHttpHeaders.INSTANCE);
        var handshaker =
                new WebSocketServerHandshakerFactory("", protocol.orElse(null), false, MAX_FRAME).newHandshaker(whole);
        if (handshaker == null) {
            WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(ctx.channel())
                    .addListener(ChannelFutureListener.CLOSE);
        } else {
            handshaker.handshake(ctx.channel(), whole);
            ctx.pipeline().addLast(new Farewell());
        }
        return new WebSocketStream(ctx, protocol.map(PROTOCOLS::get).orElse(usual));
    }

    public ChannelFuture send(byte[] message) {
        return ctx.writeAndFlush(
                switch (framing) {
                    case BINARY -> new BinaryWebSocketFrame(Unpooled.wrappedBuffer(message));
                    case TEXT -> new TextWebSocketFrame(Unpooled.wrappedBuffer(message));
                    case BASE64 -> new TextWebSocketFrame(Base64.getEncoder().encodeToString(message));
                });
    }

    public void close() {
        ctx.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
                .addListener(ChannelFutureListener.CLOSE);
    }

    private static final class Farewell extends SimpleChannelInboundHandler<WebSocketFrame> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
            if (frame instanceof CloseWebSocketFrame) {
                ctx.writeAndFlush(frame.retain()).addListener(ChannelFutureListener.CLOSE);
            } else if (frame instanceof PingWebSocketFrame) {
                ctx.writeAndFlush(new PongWebSocketFrame(frame.content().retain()));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
