package dev.coracle.machinery.log;

import dev.coracle.machinery.env.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * A log in the format of container runtimes, e.g. {@code 2026-11-24T04:37:29.123456789Z stdout F GET /api/tasks}. At
 * {@link #LIMIT} bytes it is renamed to {@code NAME.1}, whose predecessor goes, and begun anew. A disk that is full stops
 * no one: lines are lost. The file is opened by its first line.
 */
public final class LogFile implements AutoCloseable {
    /** Where kubelets rotate container logs, too ({@code containerLogMaxSize}). */
    static final long LIMIT = 10L << 20;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'");

    private final Path file;
    private final Clock clock;
    private @Nullable FileChannel channel;
    private long size;
    private boolean closed;

    public LogFile(Path file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    public Path path() {
        return file;
    }

    private FileChannel open() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            open = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            size = open.size();
            channel = open;
        }
        return open;
    }

    /** Appends; each line of the text becomes a line of the file. */
    public void write(String text) {
        String head = TIME.format(clock.now().atOffset(ZoneOffset.UTC)) + " stdout F ";
        StringBuilder lines = new StringBuilder(head.length() + text.length() + 1);
        text.lines().forEach(line -> lines.append(head).append(line).append('\n'));
        append(ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private synchronized void append(ByteBuffer bytes) {
        try {
            if (closed) {
                return;
            }
            FileChannel open = open();
            if (size + bytes.remaining() > LIMIT) {
                open.close();
                channel = null;
                Files.move(
                        file,
                        file.resolveSibling(file.getFileName() + ".1"),
                        StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.ATOMIC_MOVE);
                open = open();
            }
            while (bytes.hasRemaining()) {
                size += open.write(bytes);
            }
        } catch (IOException e) {
            // The disk is full: what is logged matters less than what is done.
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        if (channel != null) {
            channel.close();
        }
    }
}
