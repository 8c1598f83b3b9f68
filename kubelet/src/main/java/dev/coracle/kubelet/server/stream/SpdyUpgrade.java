package dev.coracle.kubelet.server.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;

/** To SPDY/3.1 on the connection itself. */
public final class SpdyUpgrade implements Upgrade {
    public static final String SPDY = "SPDY/3.1";
    public static final String PROTOCOL_HEADER = "X-Stream-Protocol-Version";

    private final String protocol;
    private final SpdyConnection connection;

    /** @param protocol what the streams mean, as agreed by {@link #PROTOCOL_HEADER} */
    public SpdyUpgrade(String protocol, SpdyConnection connection) {
        this.protocol = protocol;
        this.connection = connection;
    }

    @Override
    public void begin(Channel channel, FullHttpRequest request, ChannelPromise done) {
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
        response.headers()
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
                .set(HttpHeaderNames.UPGRADE, SPDY)
                .set(PROTOCOL_HEADER, protocol);
        // Encoded before this returns, so that HTTP's codec may go; a client sends no frame before it has seen it.
        channel.writeAndFlush(response);
        connection.handlers().forEach(h -> channel.pipeline().addLast(h));
        channel.pipeline().addLast(new Failures());
        channel.pipeline().remove(HttpObjectAggregator.class);
        channel.pipeline().remove(HttpServerCodec.class);
        done.trySuccess();
    }
}
