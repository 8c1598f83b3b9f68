package dev.coracle.kubelet.server.stream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/** The end of an upgraded connection's pipeline: a failure ends the connection, what nobody wanted is dropped. */
final class Failures extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        System.getLogger("coracle.kubelet").log(System.Logger.Level.DEBUG, "session failed", cause);
        ctx.close();
    }
}
