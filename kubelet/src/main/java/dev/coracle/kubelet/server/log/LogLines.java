package dev.coracle.kubelet.server.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;

/**
 * From lines of a file to what the reader wants of them. {@code 2026-11-24T01:00:00.5Z stdout F hello\n} becomes
 * {@code hello\n}. A line that its writer cut into pieces has P instead of F on all but the last piece; the pieces are
 * joined, and only the first gets the time.
 *
 * <p>A last line that its writer never ended is a piece, too, and conmon puts an empty {@code F} behind it when the writer
 * has gone. So that newline is held back until there is another line, or the log may still grow.
 */
final class LogLines {
    /** Nine digits always, and Z for UTC: so all lines of one log align. */
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSSXXX");

    private final LogOptions options;
    private final OutputStream out;
    private long remaining;
    private boolean atLineStart = true;
    /** Of which stream the last line was a piece; {@code ""} if it was none. */
    private String pieceOf = "";

    private boolean newlineHeld;

    LogLines(LogOptions options, OutputStream out) {
        this.options = options;
        this.out = out;
        this.remaining = options.limitBytes() == null ? Long.MAX_VALUE : options.limitBytes();
    }

    /** The limit of bytes is reached. */
    boolean isFull() {
        return remaining <= 0;
    }

    /** Takes one line, with its newline if it has one. A line in another format is passed over. */
    void take(byte[] line, int from, int to) throws IOException {
        int stream = next(line, from, to);
        int tag = next(line, stream, to);
        int text = next(line, tag, to);
        if (stream < 0 || tag < 0 || text < 0 || isFull()) {
            return;
        }
        String wanted = options.stream();
        String name = ascii(line, stream, tag - 1);
        if (wanted == null ? !name.equals("stdout") && !name.equals("stderr") : !name.equals(wanted)) {
            return;
        }
        boolean partial = line[tag] == 'P';
        boolean empty = text == to || line[text] == '\n';
        boolean closing = !partial && empty && pieceOf.equals(name);
        pieceOf = partial ? name : "";
        boolean first = atLineStart;
        String prefix = "";
        if (options.since() != null || options.timestamps()) {
            OffsetDateTime time;
            try {
                time = OffsetDateTime.parse(ascii(line, from, stream - 1));
            } catch (DateTimeParseException e) {
                return;
            }
            if (options.since() != null && time.toInstant().isBefore(options.since())) {
                return;
            }
            prefix = options.timestamps() && first ? TIME.format(time) + " " : "";
        }
        atLineStart = !partial;
        release();
        if (closing) {
            newlineHeld = true;
            return;
        }
        write(prefix.getBytes(StandardCharsets.US_ASCII), 0, prefix.length());
        int end = partial && line[to - 1] == '\n' ? to - 1 : to;
        write(line, text, end);
    }

    /** @param ended whether the writer has gone */
    void finish(boolean ended) throws IOException {
        if (ended) {
            newlineHeld = false;
        }
        release();
    }

    private void release() throws IOException {
        if (newlineHeld) {
            newlineHeld = false;
            write(new byte[] {'\n'}, 0, 1);
        }
    }

    private void write(byte[] bytes, int from, int to) throws IOException {
        int n = (int) Math.min(remaining, to - from);
        out.write(bytes, from, n);
        remaining -= n;
    }

    /** Behind the next space, -1 if there is none. */
    private static int next(byte[] line, int from, int to) {
        if (from >= 0) {
            for (int i = from; i < to; i++) {
                if (line[i] == ' ') {
                    return i + 1;
                }
            }
        }
        return -1;
    }

    private static String ascii(byte[] line, int from, int to) {
        return new String(line, from, to - from, StandardCharsets.US_ASCII);
    }
}
