package dev.coracle.network.ingress;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/** The path as rules see it: decoded, without dot segments and doubled slashes, as nginx does before it matches. */
final class Paths {
    private Paths() {}

    /** @throws Head.Malformed for a bad escape or a path that climbs above the root */
    static String normal(String raw) throws Head.Malformed {
        String path = raw.indexOf('%') < 0 ? raw : decoded(raw);
        if (!path.contains("//") && !path.contains("/.")) {
            return path;
        }
        var segments = new ArrayDeque<String>();
        String[] parts = path.split("/", -1);
        for (String part : parts) {
            if (part.equals("..")) {
                if (segments.pollLast() == null) {
                    throw new Head.Malformed(400, "path above the root");
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                segments.addLast(part);
            }
        }
        String last = parts[parts.length - 1];
        boolean directory = !segments.isEmpty() && (last.isEmpty() || last.equals(".") || last.equals(".."));
        return "/" + String.join("/", segments) + (directory ? "/" : "");
    }

    /** What was decoded, as it can stand in a request line: a path must not end the line and begin a header. */
    static String escaped(String path) {
        StringBuilder out = new StringBuilder(path.length());
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c <= ' ' || c >= 0x7f || "%?#\"\\^`{|}<>".indexOf(c) >= 0) {
                out.append("%%%02X".formatted((int) c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static String decoded(String raw) throws Head.Malformed {
        var out = new ByteArrayOutputStream(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '%') {
                out.write(c);
                continue;
            }
            int high = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
            int low = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0 || high == 0 && low == 0) {
                throw new Head.Malformed(400, "escape in path");
            }
            out.write(high << 4 | low);
            i += 2;
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
