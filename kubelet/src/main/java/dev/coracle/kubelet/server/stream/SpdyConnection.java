package dev.coracle.kubelet.server.stream;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyGoAwayFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyHeadersFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** The server's side of a SPDY/3.1 connection; its state belongs to the event loop. */
public final class SpdyConnection extends SimpleChannelInboundHandler<SpdyFrame> {
    /** Of headers, after decompression. */
    private static final int MAX_HEADERS = 16 << 10;

    private static final int PIECE = 32 << 10;

    /** A server's pings have even numbers; nobody waits for the answer. */
    private static final int OUR_PING = 2;

    private final Channel channel;
    private final Acceptor acceptor;
    private final ReadGate gate;
    private final Map<Integer, SpdyStream> streams = new HashMap<>();
    /** One direction of them has ended. */
    private final Set<Integer> half = new HashSet<>();

    private int newest;

    /** Takes streams as the client makes them. */
    @FunctionalInterface
    public interface Acceptor {
        /** Called on the event loop. @return false to refuse the stream */
        boolean accept(SpdyStream stream);
    }

    public SpdyConnection(Channel channel, Acceptor acceptor) {
        this.channel = channel;
        this.acceptor = acceptor;
        this.gate = new ReadGate(channel, () -> new DefaultSpdyPingFrame(OUR_PING));
    }

    /** The frame codec and this, in the order they are to stand in. */
    public List<ChannelHandler> handlers() {
        return List.of(new SpdyFrameCodec(SpdyVersion.SPDY_3_1, PIECE, MAX_HEADERS, 6, 15, 8), this);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, SpdyFrame frame) {
        switch (frame) {
            case SpdyDataFrame data -> {
                SpdyStream stream = streams.get(data.streamId());
                if (stream != null) {
                    stream.inflow().put(ByteBufUtil.getBytes(data.content()));
                    endedByClient(stream, data.isLast());
                }
            }
            case SpdySynStreamFrame syn -> open(ctx, syn);
            case SpdyHeadersFrame more -> {
                SpdyStream stream = streams.get(more.streamId());
                if (stream != null) {
                    endedByClient(stream, more.isLast());
                }
            }
            case SpdyRstStreamFrame reset -> {
                SpdyStream stream = forget(reset.streamId());
                if (stream != null) {
                    stream.abort("the client has reset the stream");
                }
            }
            // A client's pings have odd numbers and want to be sent back.
            case SpdyPingFrame ping when ping.id() % 2 != 0 -> ctx.writeAndFlush(ping);
            default -> {
                // Settings and windows: see the package's description. A client that goes away closes in the end.
            }
        }
    }

    private void open(ChannelHandlerContext ctx, SpdySynStreamFrame syn) {
        int id = syn.streamId();
        if (id <= newest || id % 2 == 0 || syn.isInvalid() || syn.isTruncated()) {
            ctx.writeAndFlush(new DefaultSpdyRstStreamFrame(id, SpdyStreamStatus.PROTOCOL_ERROR));
            return;
        }
        newest = id;
        Outflow out = new Outflow(channel, data -> new DefaultSpdyDataFrame(id, data), () -> {
            onLoop(() -> ended(id));
            return new DefaultSpdyDataFrame(id).setLast(true);
        });
        SpdyStream stream = new SpdyStream(this, id, syn.headers(), new Inflow(gate), out);
        streams.put(id, stream);
        // The reply comes first, since the acceptor's task may write at once. Go's parser refuses it without headers.
        DefaultSpdySynReplyFrame reply = new DefaultSpdySynReplyFrame(id);
        reply.headers().set(":status", "200 OK").set(":version", "HTTP/1.1");
        ctx.writeAndFlush(reply);
        if (acceptor.accept(stream)) {
            endedByClient(stream, syn.isLast());
        } else {
            forget(id);
            ctx.writeAndFlush(new DefaultSpdyRstStreamFrame(id, SpdyStreamStatus.REFUSED_STREAM));
        }
    }

    private void onLoop(Runnable action) {
        try {
            channel.eventLoop().execute(action);
        } catch (RejectedExecutionException e) {
            // The server is closed and the connection with it.
            System.getLogger("coracle.kubelet").log(System.Logger.Level.DEBUG, "after the end", e);
        }
    }

    private void endedByClient(SpdyStream stream, boolean last) {
        if (last) {
            stream.inflow().end();
            ended(stream.id());
        }
    }

    /** One direction has; with the second the stream is forgotten. */
    private void ended(int id) {
        if (streams.containsKey(id) && !half.add(id)) {
            forget(id);
        }
    }

    private @Nullable SpdyStream forget(int id) {
        half.remove(id);
        return streams.remove(id);
    }

    void reset(SpdyStream stream) {
        onLoop(() -> {
            if (forget(stream.id()) != null) {
                channel.writeAndFlush(new DefaultSpdyRstStreamFrame(stream.id(), SpdyStreamStatus.CANCEL));
                stream.abort("the stream was reset");
            }
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        List.copyOf(streams.values()).forEach(s -> s.abort("the client is gone"));
        streams.clear();
        ctx.fireChannelInactive();
    }

    public void onGone(Runnable action) {
        channel.closeFuture().addListener(f -> action.run());
    }

    /** Everything is said. */
    void finish() {
        onLoop(() -> {
            streams.values().forEach(s -> s.inflow().close());
            channel.writeAndFlush(new DefaultSpdyGoAwayFrame(newest, 0));
            Farewell.to(channel);
        });
    }

    public void close() {
        channel.close();
    }
}
