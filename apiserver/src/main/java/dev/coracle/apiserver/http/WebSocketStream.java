package dev.coracle.apiserver.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * A stream whose parts are messages of a WebSocket (RFC 6455), for clients that cannot read an answer as it comes: text, or
 * base64 where the client wants {@code base64.binary.k8s.io}. What the client says is not read, save for its farewell.
 */
final class WebSocketStream {
    private static final String BASE64 = "base64.binary.k8s.io";
    private static final int MAX_FRAME = 4 << 10;

    private final ChannelHandlerContext ctx;
    private final boolean base64;

    private WebSocketStream(ChannelHandlerContext ctx, boolean base64) {
        this.ctx = ctx;
        this.base64 = base64;
    }

    static boolean wanted(HttpRequest request) {
        return request.headers().containsValue(HttpHeaderNames.UPGRADE, "websocket", true);
    }

    /** Shakes hands; what is written before that is through waits for it. */
    static WebSocketStream begin(ChannelHandlerContext ctx, HttpRequest request) {
        boolean base64 = request.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).stream()
                .flatMap(header -> List.of(header.split(",")).stream())
                .anyMatch(p -> p.trim().toLowerCase(Locale.ROOT).equals(BASE64));
        var whole = new DefaultFullHttpRequest(
                request.protocolVersion(),
                request.method(),
                request.uri(),
                Unpooled.EMPTY_BUFFER,
                request.headers(),
                EmptyHttpHeaders.INSTANCE);
        var handshaker =
                new WebSocketServerHandshakerFactory("", base64 ? BASE64 : null, false, MAX_FRAME).newHandshaker(whole);
        if (handshaker == null) {
            WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(ctx.channel())
                    .addListener(ChannelFutureListener.CLOSE);
        } else {
            handshaker.handshake(ctx.channel(), whole);
            ctx.pipeline().addLast(new Farewell());
        }
        return new WebSocketStream(ctx, base64);
    }

    ChannelFuture send(byte[] message) {
        String text =
                base64 ? Base64.getEncoder().encodeToString(message) : new String(message, StandardCharsets.UTF_8);
        return ctx.writeAndFlush(new TextWebSocketFrame(text));
    }

    void close() {
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
