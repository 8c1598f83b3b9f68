package dev.coracle.apiserver.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Which answers are sent compressed, to clients that take it: the big ones, for it costs more than it saves on small ones. */
final class Gzip {
    /** What is longer than it is compressed. */
    static final int THRESHOLD = 128 << 10;

    private static final Set<String> TEXTS = Set.of("application/json", "application/yaml");

    private Gzip() {}

    /** @param accepted the header {@code Accept-Encoding} */
    static boolean fits(String accepted, String contentType, byte[] body) {
        return body.length > THRESHOLD
                && (TEXTS.contains(contentType.replaceAll(";.*", "")) || contentType.contains("protobuf"))
                && Stream.of(accepted.split(",")).map(String::strip).anyMatch("gzip"::equals);
    }

    static byte[] compress(byte[] body) {
        var out = new ByteArrayOutputStream(body.length / 8);
        try (var gzip = new Fast(out)) {
            gzip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** The clients' time counts, not the bytes alone. */
    private static final class Fast extends GZIPOutputStream {
        Fast(OutputStream out) throws IOException {
            super(out, 8 << 10);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
