package dev.coracle.machinery.os;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Hands pieces of bytes from the thread that has them to one that reads them as a stream, at most 64 pieces ahead.
 * After {@link #close} the writer's pieces are dropped, so that it is never stuck.
 */
public final class PieceStream extends InputStream {
    private static final byte[] END = new byte[0];

    private final BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(64);
    private byte[] current = new byte[0];
    private int position;
    private boolean ended;
    private volatile boolean closed;

    /** Called by the writer; blocks while the reader is far behind. */
    public void put(byte[] piece) throws IOException {
        if (piece.length > 0) {
            offer(piece);
        }
    }

    /** Called by the writer: nothing more comes. */
    public void end() {
        try {
            offer(END);
        } catch (InterruptedIOException e) {
            closed = true;
        }
    }

    private void offer(byte[] piece) throws InterruptedIOException {
        try {
            if (!closed) {
                pieces.put(piece);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (position == current.length) {
            if (ended || closed) {
                return -1;
            }
            try {
                current = pieces.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
            position = 0;
            ended = current == END;
        }
        int n = Math.min(length, current.length - position);
        System.arraycopy(current, position, into, offset, n);
        position += n;
        return n;
    }

    @Override
    public int available() {
        return current.length - position;
    }

    /** Frees a writer that waits, and a reader that waits on another thread. */
    @Override
    public void close() {
        closed = true;
        pieces.clear();
        pieces.offer(END);
    }
}
