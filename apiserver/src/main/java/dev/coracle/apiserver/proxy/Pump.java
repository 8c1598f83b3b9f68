package dev.coracle.apiserver.proxy;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/** One direction of a tunnel: writes what it reads to its peer, and reads on when the peer has taken it. */
final class Pump extends ChannelInboundHandlerAdapter {
    private final Channel peer;
    private @Nullable ChannelFuture written;

    Pump(Channel peer) {
        this.peer = peer;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
        written = peer.write(bytes);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        peer.flush();
        ChannelFuture last = written;
        written = null;
        if (last == null) {
            ctx.read();
            return;
        }
        last.addListener(sent -> {
            if (sent.isSuccess()) {
                ctx.read();
            } else {
                ctx.close();
            }
        });
    }

    /** What one side has said reaches the other before it is closed too. */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        peer.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
