package dev.coracle.cli.kubectl.stream;

import dev.coracle.cli.kubectl.base.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Numbered byte streams over one WebSocket ({@code v4} and {@code v5.channel.k8s.io}): the first byte of every message is
 * its channel. In version 5, message {@code 255 N} ends channel N.
 */
final class Channels implements AutoCloseable {
    private static final List<String> PROTOCOLS = List.of("v5.channel.k8s.io", "v4.channel.k8s.io");
    private static final int PIECE = 32 * 1024;
    private static final byte CLOSE = (byte) 255;

    /** Told of what arrives, one call at a time, in order. */
    interface Receiver {
        void receive(int channel, byte[] bytes) throws IOException;
    }

    private final WebSocket socket;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Object sending = new Object();

    private Channels(Session session, String path, Receiver receiver) {
        this.socket = session.webSocket(path, PROTOCOLS, new Listener(receiver));
    }

    static Channels open(Session session, String path, Receiver receiver) {
        return new Channels(session, path, receiver);
    }

    /** Blocks while the other side is slow. */
    void send(int channel, byte[] bytes, int length) throws IOException {
        for (int at = 0; at < length; at += PIECE) {
            int n = Math.min(PIECE, length - at);
            ByteBuffer message = ByteBuffer.allocate(n + 1)
                    .put((byte) channel)
                    .put(bytes, at, n)
                    .flip();
            write(message);
        }
    }

    /** Tells the other side that a channel has no more; version 4 has no word for it. */
    void finish(int channel) throws IOException {
        if (socket.getSubprotocol().equals(PROTOCOLS.getFirst())) {
            write(ByteBuffer.wrap(new byte[] {CLOSE, (byte) channel}));
        }
    }

    private void write(ByteBuffer message) throws IOException {
        synchronized (sending) {
            try {
                socket.sendBinary(message, true).get();
            } catch (ExecutionException e) {
                throw new IOException("the connection is gone", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while sending", e);
            }
        }
    }

    /** Until the other side has said everything. */
    void await() throws InterruptedException {
        ended.await();
    }

    @Override
    public void close() {
        socket.abort();
        ended.countDown();
    }

    private final class Listener implements WebSocket.Listener {
        private final Receiver receiver;
        private int channel = -1;

        Listener(Receiver receiver) {
            this.receiver = receiver;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket s, ByteBuffer data, boolean last) {
            try {
                if (channel < 0 && data.hasRemaining()) {
                    channel = data.get() & 0xff;
                }
                byte[] bytes = new byte[data.remaining()];
                data.get(bytes);
                receiver.receive(channel, bytes);
                if (last) {
                    channel = -1;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            s.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket s, int code, String reason) {
            ended.countDown();
            return null;
        }

        @Override
        public void onError(WebSocket s, Throwable error) {
            ended.countDown();
        }
    }
}
