package dev.coracle.kubelet.server.stream;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;

/** Answers pings (kubectl gives up without) and closes, whoever begins it. */
final class WebSocketControl extends ChannelInboundHandlerAdapter {
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
                // If we have closed before, this second close frame is dropped with the connection.
                ctx.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
                        .addListener(ChannelFutureListener.CLOSE);
            }
            default -> ctx.fireChannelRead(message);
        }
    }
}
