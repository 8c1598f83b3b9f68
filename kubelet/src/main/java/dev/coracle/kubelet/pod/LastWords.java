package dev.coracle.kubelet.pod;

import dev.coracle.machinery.os.OpenPath;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a container left to be told after its end. It wrote these files, as long as it liked, so only their ends are
 * read, in upstream's measures, and only from regular files.
 */
final class LastWords {
    /** Of a termination message file, in bytes. */
    static final int MESSAGE = 4096;
    /** Of a log that stands in for it, in bytes and lines. */
    static final int LOG = 2048;

    static final int LOG_LINES = 80;
    /** Of all messages of one pod, which are shared out evenly. */
    static final int POD = 12 * 1024;

    /** Enough for {@link #LOG} bytes whatever time and stream are noted before each line. */
    private static final int LOG_WITH_NOTES = 64 << 10;

    private LastWords() {}

    /** The end of a termination message file; {@code ""} when there is nothing of the kind. */
    static String message(Path file) {
        return new String(end(file, MESSAGE), StandardCharsets.UTF_8);
    }

    /** The end of a log in CRI's format, without its notes. */
    static String log(Path file) {
        byte[] bytes = end(file, LOG_WITH_NOTES);
        List<byte[]> lines = lines(bytes);
        if (bytes.length == LOG_WITH_NOTES && lines.size() > 1) {
            // The first is cut somewhere.
            lines.removeFirst();
        }
        if (lines.size() > 1 && isEndOfPart(lines.getLast(), lines.get(lines.size() - 2))) {
            lines.removeLast();
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (byte[] line : lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size())) {
            content(line, text);
        }
        byte[] all = text.toByteArray();
        return new String(all, Math.max(0, all.length - LOG), Math.min(LOG, all.length), StandardCharsets.UTF_8);
    }

    private static byte[] end(Path file, int most) {
        Path directory = file.getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            return new byte[0];
        }
        try (OpenPath open = OpenPath.directory(directory)) {
            return open.readTail(file.getFileName().toString(), most).orElse(new byte[0]);
        } catch (IOException e) {
            String why = "Error on reading termination log " + file + ": " + e.getMessage();
            return why.getBytes(StandardCharsets.UTF_8);
        }
    }

    private static List<byte[]> lines(byte[] bytes) {
        List<byte[]> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                lines.add(Arrays.copyOfRange(bytes, from, i));
                from = i + 1;
            }
        }
        if (from < bytes.length) {
            lines.add(Arrays.copyOfRange(bytes, from, bytes.length));
        }
        return lines;
    }

    /** conmon ends a last line that its writer did not end by an empty one, which other runtimes do not write. */
    private static boolean isEndOfPart(byte[] last, byte[] before) {
        String[] end = new String(last, StandardCharsets.ISO_8859_1).split(" ", 4);
        String[] part = new String(before, StandardCharsets.ISO_8859_1).split(" ", 4);
        return end.length == 4
                && part.length == 4
                && end[2].equals("F")
                && end[3].isEmpty()
                && part[1].equals(end[1])
                && part[2].equals("P");
    }

    /** Of {@code <time> <stream> <F or P> <text>} the text; P: its line goes on in the next. */
    private static void content(byte[] line, ByteArrayOutputStream into) {
        int blanks = 0;
        for (int i = 0; i < line.length; i++) {
            if (line[i] == ' ' && ++blanks == 3) {
                into.write(line, i + 1, line.length - i - 1);
                if (line[i - 1] != 'P') {
                    into.write('\n');
                }
                return;
            }
        }
    }

    /** A message no longer than its share of what a pod of so many containers may say; its beginning stays. */
    static String share(String message, int containers) {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        int most = POD / Math.max(1, containers);
        if (bytes.length <= most) {
            return message;
        }
        int cut = most;
        while (cut > 0 && (bytes[cut] & 0xc0) == 0x80) {
            cut--;
        }
        return new String(bytes, 0, cut, StandardCharsets.UTF_8);
    }
}
