package dev.coracle.network.ingress;

import dev.coracle.machinery.env.Environment;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A line per request in ingress-nginx' format {@code upstreaminfo}. */
final class AccessLog implements AutoCloseable {
    private final Path file;
    private final Environment environment;
    private final DateTimeFormatter time = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT);
    private volatile @Nullable FileChannel channel;

    AccessLog(Path file, Environment environment) {
        this.file = file;
        this.environment = environment;
    }

    void open() throws IOException {
        channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    void line(InetSocketAddress client, Connection.Exchange x, Duration took) {
        FileChannel open = channel;
        if (open == null) {
            return;
        }
        String seconds = String.format(Locale.ROOT, "%.3f", took.toNanos() / 1e9);
        String line = client.getAddress().getHostAddress() + " - - ["
                + time.format(environment.clock().now().atOffset(ZoneOffset.UTC)) + "] \"" + plain(x.request.start)
                + "\" " + x.status + " " + x.sent + " \"" + plain(or(x.request.get("referer"))) + "\" \""
                + plain(or(x.request.get("user-agent"))) + "\" " + seconds + " [" + x.upstreamName + "] [] "
                + or(String.join(", ", x.tried)) + " " + (x.tried.isEmpty() ? "-" : x.status) + "\n";
        try {
            ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
            synchronized (this) {
                while (bytes.hasRemaining()) {
                    open.write(bytes);
                }
            }
        } catch (IOException e) {
            // A full disk must not stop requests.
        }
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

    @Override
    public void close() throws IOException {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
    }
}
