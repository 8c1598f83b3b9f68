package dev.coracle.kubelet.server.stream;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Promise;

/**
 * Answers pings (kubectl gives up without) and closes, whoever begins it. A client that uploads a file and closes takes the
 * answer for a sign that the file is there, and looks at once; so the answer waits for what is {@link #UNDER_WAY}, for a
 * while.
 */
final class WebSocketControl extends ChannelInboundHandlerAdapter {
    /** Kept by a session that may have something to do yet with what its client sent last; done when it ends. */
    static final AttributeKey<Promise<Void>> UNDER_WAY = AttributeKey.valueOf(WebSocketControl.class, "underWay");

    private static final long PATIENCE_SECONDS = 2;

    /** Fired when the client has closed in good order: it said all it had to say. */
    static final Object LEFT = new Object();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case PingWebSocketFrame ping -> ctx.writeAndFlush(new PongWebSocketFrame(ping.content()));
            case PongWebSocketFrame pong -> pong.release();
            case CloseWebSocketFrame close -> {
                close.release();
                ctx.fireUserEventTriggered(LEFT);
                Promise<Void> underWay = ctx.channel().attr(UNDER_WAY).get();
                if (underWay == null) {
                    answer(ctx);
                } else {
                    var late = ctx.executor().schedule(() -> underWay.trySuccess(null), PATIENCE_SECONDS, SECONDS);
                    underWay.addListener(f -> {
                        late.cancel(false);
                        answer(ctx);
                    });
                }
            }
            default -> ctx.fireChannelRead(message);
        }
    }

    private static void answer(ChannelHandlerContext ctx) {
        // If we have closed before, this second close frame is dropped with the connection.
        ctx.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
                .addListener(ChannelFutureListener.CLOSE);
    }
}
