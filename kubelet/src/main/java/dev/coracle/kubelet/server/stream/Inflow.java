package dev.coracle.kubelet.server.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** One incoming stream of a connection: the event loop puts, a task reads. */
public final class Inflow extends InputStream {
    private final ReadGate gate;
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    private int position;
    private boolean ended;
    private boolean closed;
    private @Nullable String failure;

    Inflow(ReadGate gate) {
        this.gate = gate;
    }

    /** Never blocks; nobody wants the bytes any more after {@link #close}, nor after the end. */
    synchronized void put(byte[] piece) {
        if (!closed && !ended && piece.length > 0) {
            pieces.add(piece);
            gate.arrived(piece.length);
            notifyAll();
        }
    }

    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** What has arrived is lost, the reader gets an exception. */
    synchronized void fail(String why) {
        if (!ended) {
            failure = why;
            drop();
            notifyAll();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public synchronized int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (pieces.isEmpty()) {
            if (failure != null) {
                throw new IOException(failure);
            }
            if (ended || closed) {
                return -1;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }
        byte[] piece = pieces.getFirst();
        int n = Math.min(length, piece.length - position);
        System.arraycopy(piece, position, into, offset, n);
        position += n;
        if (position == piece.length) {
            pieces.removeFirst();
            position = 0;
        }
        gate.taken(n);
        return n;
    }

    /** Drops what is there and what still comes, and frees a reader that waits on another thread. */
    @Override
    public synchronized void close() {
        closed = true;
        drop();
        notifyAll();
    }

    private void drop() {
        int left = -position;
        for (byte[] p : pieces) {
            left += p.length;
        }
        pieces.clear();
        position = 0;
        if (left > 0) {
            gate.taken(left);
        }
    }
}
