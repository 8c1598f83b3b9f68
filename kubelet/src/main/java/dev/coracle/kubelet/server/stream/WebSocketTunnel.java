package dev.coracle.kubelet.server.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;

/**
 * A byte stream inside a WebSocket: the contents of its binary messages, one after the other. What stands behind it in
 * the pipeline sees bytes as if from a plain connection.
 */
public final class WebSocketTunnel extends MessageToMessageCodec<WebSocketFrame, ByteBuf> {
    public WebSocketTunnel() {
        super(WebSocketFrame.class, ByteBuf.class);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, WebSocketFrame frame, List<Object> out) {
        out.add(frame.content().retain());
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, ByteBuf bytes, List<Object> out) {
        out.add(new BinaryWebSocketFrame(bytes.retain()));
    }
}
