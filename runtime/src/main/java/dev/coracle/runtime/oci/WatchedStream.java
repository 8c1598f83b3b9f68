package dev.coracle.runtime.oci;

import dev.coracle.machinery.env.Timers;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * A body from the network that is given up when a read of it gets nothing for a while: a peer that neither sends nor
 * closes would hold its reader for ever. Time that the reader itself takes between reads does not count.
 */
final class WatchedStream extends FilterInputStream {
    /** A read that is in progress at two looks is stalled: after one to two of these. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Timers.Timer timer;
    private volatile boolean stalled;
    /** Odd while a read is in progress. */
    private volatile long reads;

    private long seen = -1;

    WatchedStream(InputStream in, Timers timers) {
        super(in);
        this.timer = timers.every(PATIENCE, this::look);
    }

    private void look() {
        long now = reads;
        if (now % 2 == 1 && now == seen) {
            stalled = true;
            try {
                in.close();
            } catch (IOException e) {
                System.getLogger("coracle.runtime").log(System.Logger.Level.DEBUG, "a stalled body", e);
            }
        }
        seen = now;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // only its one reader writes it
    public int read(byte[] into, int offset, int length) throws IOException {
        reads++;
        try {
            int n = in.read(into, offset, length);
            if (!stalled) {
                return n;
            }
        } catch (IOException e) {
            if (!stalled) {
                throw e;
            }
        } finally {
            reads++;
        }
        throw new IOException("nothing came for " + PATIENCE.toSeconds() + " s: i/o timeout");
    }

    @Override
    public void close() throws IOException {
        timer.cancel();
        in.close();
    }
}
