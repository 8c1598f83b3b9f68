package dev.coracle.network.ingress;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The start line and header fields of an HTTP/1 message (RFC 9112), in their order and spelling. */
final class Head {
    private static final int LIMIT = 64 << 10;
    /** Meant for one connection only (RFC 9110, 7.6.1). */
    private static final Set<String> HOP =
            Set.of("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade");

    final String start;
    final List<Field> fields;

    record Field(String name, String value) {
        boolean is(String other) {
            return name.equalsIgnoreCase(other);
        }
    }

    /** What cannot be read as HTTP; {@code code} is what to answer. */
    static final class Malformed extends IOException {
        final int code;

        Malformed(int code, String message) {
            super(message);
            this.code = code;
        }
    }

    Head(String start, List<Field> fields) {
        this.start = start;
        this.fields = fields;
    }

    /** @return null when the peer closed before the first byte */
    static @Nullable Head read(InputStream in) throws IOException {
        int[] budget = {LIMIT};
        String start = line(in, budget);
        while (start != null && start.isEmpty()) {
            start = line(in, budget);
        }
        if (start == null) {
            return null;
        }
        List<Field> fields = new ArrayList<>();
        while (true) {
            String line = line(in, budget);
            if (line == null) {
                throw new IOException("closed within the header");
            }
            if (line.isEmpty()) {
                return new Head(start, fields);
            }
            int colon = line.indexOf(':');
            if (colon <= 0 || line.charAt(colon - 1) <= ' ' || line.charAt(0) <= ' ') {
                throw new Malformed(400, "header field");
            }
            fields.add(new Field(
                    line.substring(0, colon), line.substring(colon + 1).strip()));
        }
    }

    static @Nullable String line(InputStream in, int[] budget) throws IOException {
        var out = new ByteArrayOutputStream(80);
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                if (out.size() == 0) {
                    return null;
                }
                throw new IOException("closed within a line");
            }
            if (--budget[0] < 0) {
                throw new Malformed(431, "header too large");
            }
            out.write(b);
        }
        String text = out.toString(StandardCharsets.ISO_8859_1);
        text = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
        if (text.indexOf('\r') >= 0 || text.indexOf(0) >= 0) {
            throw new Malformed(400, "control character");
        }
        return text;
    }

    String get(String name) {
        for (Field f : fields) {
            if (f.is(name)) {
                return f.value();
            }
        }
        return "";
    }

    boolean has(String name, String token) {
        for (Field f : fields) {
            if (f.is(name)) {
                for (String t : f.value().split(",")) {
                    if (t.strip().equalsIgnoreCase(token)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** The fields to pass on: without those of this connection and without {@code others} (lower case). */
    List<Field> endToEnd(Set<String> others) {
        List<Field> kept = new ArrayList<>();
        for (Field f : fields) {
            String name = f.name().toLowerCase(Locale.ROOT);
            if (!HOP.contains(name) && !others.contains(name) && !has("connection", name)) {
                kept.add(f);
            }
        }
        return kept;
    }

    /**
     * Length of the body that follows: -1 chunked, -2 until the end of the connection.
     *
     * @param otherwise the answer where neither length nor encoding is given
     */
    long length(long otherwise) throws Malformed {
        boolean chunked = false;
        long length = -3;
        for (Field f : fields) {
            if (f.is("transfer-encoding")) {
                if (!f.value().equalsIgnoreCase("chunked") || chunked) {
                    throw new Malformed(501, "transfer encoding");
                }
                chunked = true;
            } else if (f.is("content-length")) {
                if (!f.value().matches("\\d{1,18}") || length >= 0 && length != Long.parseLong(f.value())) {
                    throw new Malformed(400, "content length");
                }
                length = Long.parseLong(f.value());
            }
        }
        if (chunked && length >= 0) {
            // Two lengths are how requests are smuggled past proxies.
            throw new Malformed(400, "both content length and transfer encoding");
        }
        return chunked ? -1 : length >= 0 ? length : otherwise;
    }

    void write(OutputStream out) throws IOException {
        StringBuilder s = new StringBuilder(512).append(start).append("\r\n");
        for (Field f : fields) {
            s.append(f.name()).append(": ").append(f.value()).append("\r\n");
        }
        out.write(s.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }
}
