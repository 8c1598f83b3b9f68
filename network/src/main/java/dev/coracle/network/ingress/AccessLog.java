package dev.coracle.network.ingress;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.log.LogFile;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** A line per request in ingress-nginx' format {@code upstreaminfo}. */
final class AccessLog {
    private final LogFile file;
    private final Environment environment;
    private final DateTimeFormatter time = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT);

    AccessLog(LogFile file, Environment environment) {
        this.file = file;
        this.environment = environment;
    }

    void line(InetSocketAddress client, Exchange x, Duration took) {
        String seconds = String.format(Locale.ROOT, "%.3f", took.toNanos() / 1e9);
        file.write(client.getAddress().getHostAddress() + " - - ["
                + time.format(environment.clock().now().atOffset(ZoneOffset.UTC)) + "] \"" + plain(x.request.start)
                + "\" " + x.status + " " + x.sent + " \"" + plain(or(x.request.get("referer"))) + "\" \""
                + plain(or(x.request.get("user-agent"))) + "\" " + seconds + " [" + x.upstreamName + "] [] "
                + or(String.join(", ", x.tried)) + " " + (x.tried.isEmpty() ? "-" : x.status));
    }

    private static String or(String value) {
        return value.isEmpty() ? "-" : value;
    }

    /** Nobody outside writes quotes or control characters into our lines. */
    private static String plain(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.chars().forEach(c -> {
            if (c < ' ' || c == '"' || c == '\\' || c > '~') {
                out.append("\\x%02X".formatted(c));
            } else {
                out.append((char) c);
            }
        });
        return out.toString();
    }
}
