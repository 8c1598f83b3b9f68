package dev.coracle.bench.load;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One keep-alive connection with one request under way at a time; one that the server closed is opened anew. All of it
 * happens on the connection's event loop, the callback too.
 */
final class Lane {
    /** In place of a status: there was none. */
    static final int BROKEN = 0;

    private final Wire wire;
    private @Nullable Channel channel;
    private @Nullable IntConsumer waiting;
    private int status;
    private boolean lasts;

    Lane(Wire wire) {
        this.wire = wire;
    }

    /** Opens the connection, TLS and all; the time for that is no one's latency. */
    void open() throws InterruptedException {
        Channel opened = wire.connect(new Answers()).sync().channel();
        wire.secured(opened).sync();
        channel = opened;
    }

    /** Runs on the lane's thread. */
    void execute(Runnable first) {
        Objects.requireNonNull(channel).eventLoop().execute(first);
    }

    /** @param answered told the status, when the whole answer is here, or {@link #BROKEN} */
    void send(Call call, IntConsumer answered) {
        waiting = answered;
        Channel c = channel;
        if (c != null && c.isActive()) {
            write(c, call);
            return;
        }
        wire.connect(new Answers()).addListener((io.netty.channel.ChannelFuture opened) -> {
            if (opened.isSuccess()) {
                channel = opened.channel();
                write(opened.channel(), call);
            } else {
                answer(BROKEN);
            }
        });
    }

    private void write(Channel c, Call call) {
        c.writeAndFlush(wire.request(call, Unpooled.wrappedBuffer(call.body()))).addListener(written -> {
            if (!written.isSuccess()) {
                c.close();
            }
        });
    }

    private void answer(int code) {
        IntConsumer answered = waiting;
        waiting = null;
        if (answered != null) {
            answered.accept(code);
        }
    }

    void close() {
        Channel c = channel;
        if (c != null) {
            c.close();
        }
    }

    private final class Answers extends SimpleChannelInboundHandler<HttpObject> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
            if (part instanceof HttpResponse head) {
                status = head.status().code();
                lasts = HttpUtil.isKeepAlive(head);
            }
            if (part instanceof LastHttpContent) {
                if (!lasts) {
                    channel = null;
                    ctx.close();
                }
                answer(part.decoderResult().isSuccess() ? status : BROKEN);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (ctx.channel() == channel) {
                answer(BROKEN);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
