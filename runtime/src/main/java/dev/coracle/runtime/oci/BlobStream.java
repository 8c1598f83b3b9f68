package dev.coracle.runtime.oci;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.util.HexFormat;

/** The bytes of a blob; reading its end fails unless they amount to its digest, and so does reading beyond its size. */
final class BlobStream extends FilterInputStream {
    private final DigestInputStream digest;
    private final String expected;
    private final long size;
    private long taken;
    private boolean ended;
    /** Told again at each read: who unzips takes a failure behind the last byte for the end. */
    private String failure = "";

    /** @param size what the manifest says; 0 when it says nothing */
    BlobStream(InputStream in, String expected, long size) {
        this(Digests.reading(in), expected, size);
    }

    private BlobStream(DigestInputStream in, String expected, long size) {
        super(in);
        this.digest = in;
        this.expected = expected;
        this.size = size;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (!failure.isEmpty()) {
            throw new IOException(failure);
        }
        int n = in.read(into, offset, length);
        taken += Math.max(0, n);
        if (size > 0 && taken > size) {
            failure = "blob " + expected + " is larger than the " + size + " bytes its manifest names";
        } else if (n < 0 && !ended) {
            ended = true;
            String actual = "sha256:"
                    + HexFormat.of().formatHex(digest.getMessageDigest().digest());
            failure = actual.equals(expected) ? "" : Digests.unexpected(actual, expected);
        }
        if (!failure.isEmpty()) {
            throw new IOException(failure);
        }
        return n;
    }
}
