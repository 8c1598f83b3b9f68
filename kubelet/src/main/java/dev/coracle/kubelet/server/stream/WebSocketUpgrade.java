package dev.coracle.kubelet.server.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.util.List;

/** To a WebSocket (RFC 6455) with a subprotocol. */
public final class WebSocketUpgrade implements Upgrade {
    private static final int MAX_FRAME = 4 << 20;

    private final String protocol;
    private final List<ChannelHandler> handlers;

    /**
     * @param protocol {@code ""} for none
     * @param handlers put behind the frame codec; they get what is neither ping nor close
     */
    public WebSocketUpgrade(String protocol, List<ChannelHandler> handlers) {
        this.protocol = protocol;
        this.handlers = handlers;
    }

    @Override
    public void begin(Channel channel, FullHttpRequest request, ChannelPromise done) {
        // The address is only of use to clients of a draft of the standard.
        var factory = new WebSocketServerHandshakerFactory(
                "",
                protocol.isEmpty() ? null : protocol,
                WebSocketDecoderConfig.newBuilder()
                        .maxFramePayloadLength(MAX_FRAME)
                        .build());
        WebSocketServerHandshaker handshaker = factory.newHandshaker(request);
        if (handshaker == null) {
            WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(channel);
            done.tryFailure(new IllegalArgumentException("unknown version of WebSocket"));
            return;
        }
        var shaken = channel.newPromise();
        shaken.addListener(f -> {
            if (f.isSuccess()) {
                channel.pipeline().addLast(new WebSocketControl());
                handlers.forEach(h -> channel.pipeline().addLast(h));
                channel.pipeline().addLast(new Failures());
                done.trySuccess();
            } else {
                done.tryFailure(f.cause());
                channel.close();
            }
        });
        handshaker.handshake(channel, request, EmptyHttpHeaders.INSTANCE, shaken);
    }
}
