package dev.coracle.network.ingress;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What the proxy says in its own name, in the looks of nginx. */
final class Pages {
    private Pages() {}

    static String reason(int code) {
        return switch (code) {
            case 301 -> "Moved Permanently";
            case 302 -> "Found";
            case 303 -> "See Other";
            case 307 -> "Temporary Redirect";
            case 308 -> "Permanent Redirect";
            case 400 -> "Bad Request";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 413 -> "Request Entity Too Large";
            case 431 -> "Request Header Fields Too Large";
            case 501 -> "Not Implemented";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Temporarily Unavailable";
            case 504 -> "Gateway Time-out";
            default -> "Error";
        };
    }

    /** @return bytes of body written */
    static int write(OutputStream out, int code, List<Head.Field> extra, boolean bodiless, boolean close)
            throws IOException {
        String title = code + " " + reason(code);
        byte[] page = """
                <html>
                <head><title>%1$s</title></head>
                <body>
                <center><h1>%1$s</h1></center>
                <hr><center>nginx</center>
                </body>
                </html>
                """.formatted(title).replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
        List<Head.Field> fields = new ArrayList<>(List.of(
                new Head.Field("Content-Type", "text/html"),
                new Head.Field("Content-Length", Integer.toString(page.length)),
                new Head.Field("Connection", close ? "close" : "keep-alive")));
        fields.addAll(extra);
        new Head("HTTP/1.1 " + title, fields).write(out);
        if (!bodiless) {
            out.write(page);
        }
        return bodiless ? 0 : page.length;
    }
}
