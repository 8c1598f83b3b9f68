package dev.coracle.network.ingress;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The body of an HTTP/1 message as a stream that ends where the body ends, leaving the connection at the next one. */
final class Body extends InputStream {
    static final long CHUNKED = -1;
    static final long UNTIL_CLOSED = -2;

    private final InputStream in;
    private final boolean chunked;
    /** Ends where the connection ends. */
    private final boolean open;

    private long left;
    private boolean ended;

    /** @param length in bytes, {@link #CHUNKED} or {@link #UNTIL_CLOSED} */
    Body(InputStream in, long length) {
        this.in = in;
        this.chunked = length == CHUNKED;
        this.left = chunked ? 0 : length == UNTIL_CLOSED ? Long.MAX_VALUE : length;
        this.ended = length == 0;
        this.open = length == UNTIL_CLOSED;
    }

    boolean ended() {
        return ended;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int count) throws IOException {
        if (ended) {
            return -1;
        }
        if (chunked && left == 0) {
            nextChunk();
            if (ended) {
                return -1;
            }
        }
        int n = in.read(into, offset, (int) Math.min(count, left));
        if (n < 0) {
            if (open) {
                ended = true;
                return -1;
            }
            throw new EOFException("closed within the body");
        }
        left -= n;
        if (chunked && left == 0) {
            if (in.read() != '\r' || in.read() != '\n') {
                throw new Head.Malformed(400, "chunk");
            }
        } else if (left == 0) {
            ended = true;
        }
        return n;
    }

    private void nextChunk() throws IOException {
        int[] budget = {8 << 10};
        String line = Head.line(in, budget, true);
        if (line == null) {
            throw new EOFException("closed within the body");
        }
        String size = line.split(";", 2)[0].stripTrailing();
        if (!size.matches("[0-9a-fA-F]{1,15}")) {
            throw new Head.Malformed(400, "chunk size");
        }
        left = Long.parseLong(size, 16);
        if (left == 0) {
            for (String trailer = Head.line(in, budget, true); trailer != null && !trailer.isEmpty(); ) {
                trailer = Head.line(in, budget, true);
            }
            ended = true;
        }
    }

    /**
     * Copies to the end, passing on whatever has arrived at once, so that event streams flow.
     *
     * @param asChunks frames the copy
     * @param limit most bytes; 0: any number
     * @return bytes of the body
     */
    long copy(OutputStream out, boolean asChunks, long limit) throws IOException {
        byte[] buffer = new byte[16 << 10];
        long total = 0;
        for (int n = read(buffer, 0, buffer.length); n >= 0; n = read(buffer, 0, buffer.length)) {
            total += n;
            if (limit > 0 && total > limit) {
                throw new Head.Malformed(413, "body too large");
            }
            if (asChunks && n > 0) {
                out.write((Integer.toHexString(n) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
                out.write(buffer, 0, n);
                out.write('\r');
                out.write('\n');
            } else {
                out.write(buffer, 0, n);
            }
            if (in.available() == 0) {
                out.flush();
            }
        }
        if (asChunks) {
            out.write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        }
        return total;
    }
}
