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
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The start line and header fields of an HTTP/1 message (RFC 9112), in their order and spelling. */
final class Head {
    private static final int LIMIT = 64 << 10;
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
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

    /** A client's. @return null when it closed before the first byte */
    static @Nullable Head request(InputStream in) throws IOException {
        return read(in, true);
    }

    /** A backend's; scripts that end their lines with a bare LF do serve. @return as of {@link #request} */
    static @Nullable Head response(InputStream in) throws IOException {
        return read(in, false);
    }

    private static @Nullable Head read(InputStream in, boolean strict) throws IOException {
        int[] budget = {LIMIT};
        String start = line(in, budget, strict);
        while (start != null && start.isEmpty()) {
            start = line(in, budget, strict);
        }
        if (start == null) {
            return null;
        }
        List<Field> fields = new ArrayList<>();
        while (true) {
            String line = line(in, budget, strict);
            if (line == null) {
                throw new IOException("closed within the header");
            }
            if (line.isEmpty()) {
                return new Head(start, fields);
            }
            int colon = line.indexOf(':');
            // No blank in the name: neither before the colon nor first in the line, where it once continued the last.
            if (colon <= 0 || !TOKEN.matcher(line.substring(0, colon)).matches()) {
                throw new Malformed(400, "header field");
            }
            fields.add(new Field(
                    line.substring(0, colon), line.substring(colon + 1).strip()));
        }
    }

    /** @param strict a line must end in CRLF: where two ends are believed, two readers see two messages */
    static @Nullable String line(InputStream in, int[] budget, boolean strict) throws IOException {
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
        boolean crlf = text.endsWith("\r");
        text = crlf ? text.substring(0, text.length() - 1) : text;
        if (strict && !crlf || text.chars().anyMatch(c -> c < ' ' && c != '\t' || c == 0x7f)) {
            throw new Malformed(400, "control character");
        }
        return text;
    }

    /** The values of all fields of the name. */
    List<String> all(String name) {
        return fields.stream().filter(f -> f.is(name)).map(Field::value).toList();
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
            // Whom it is for is nothing that a client can take out on the way.
            boolean named = has("connection", name) && !name.equals("host");
            if (!HOP.contains(name) && !others.contains(name) && !named) {
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
                    throw new Malformed(chunked ? 400 : 501, "transfer encoding");
                }
                chunked = true;
            } else if (f.is("content-length")) {
                if (!f.value().matches("\\d{1,18}") || length >= 0) {
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
