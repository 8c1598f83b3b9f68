package dev.coracle.kubelet.server.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One outgoing stream of a connection. A write returns when the kernel has taken the bytes: so a slow client slows the
 * process that writes, and nothing piles up.
 */
public final class Outflow extends OutputStream {
    private static final int PIECE = 32 << 10;

    private final Channel channel;
    private final Function<ByteBuf, Object> framing;
    private final Supplier<@Nullable Object> last;
    private volatile @Nullable String failure;
    private boolean closed;

    /**
     * @param framing makes a message of bytes
     * @param last the message that ends the stream, null for none
     */
    public Outflow(Channel channel, Function<ByteBuf, Object> framing, Supplier<@Nullable Object> last) {
        this.channel = channel;
        this.framing = framing;
        this.last = last;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] from, int offset, int length) throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
        for (int at = 0; at < length; at += PIECE) {
            String why = failure;
            if (why != null) {
                throw new IOException(why);
            }
            send(framing.apply(Unpooled.copiedBuffer(from, offset + at, Math.min(PIECE, length - at))));
        }
    }

    /** Whoever writes from now on gets an exception. */
    void fail(String why) {
        failure = why;
    }

    private void send(Object message) throws IOException {
        ChannelFuture sent = channel.writeAndFlush(message);
        try {
            sent.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        if (!sent.isSuccess()) {
            throw new IOException("the client is gone", sent.cause());
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (!closed) {
            closed = true;
            Object end = failure == null ? last.get() : null;
            if (end != null) {
                send(end);
            }
        }
    }
}
