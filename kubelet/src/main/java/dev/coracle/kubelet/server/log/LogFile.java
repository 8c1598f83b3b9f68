package dev.coracle.kubelet.server.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file that another process appends to, read line by line. It may be replaced by a new one of its name (rotation);
 * the old one is then read to its end first.
 */
final class LogFile implements AutoCloseable {
    private static final int BLOCK = 64 << 10;

    /** Which file a name stands for: device and inode. */
    private record Opened(FileChannel channel, @Nullable Object key) {}

    private final Path path;
    private @Nullable Opened current;
    private long position;
    /** Read, but without a newline yet. */
    private byte[] begun = new byte[0];

    LogFile(Path path) {
        this.path = path;
    }

    /** Opens it if it is there. @return false when there is none yet */
    boolean open() throws IOException {
        if (current == null) {
            current = find();
        }
        return current != null;
    }

    private @Nullable Opened find() throws IOException {
        while (true) {
            try {
                Object before = key();
                FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
                if (Objects.equals(before, key())) {
                    return new Opened(channel, before);
                }
                channel.close();
            } catch (NoSuchFileException e) {
                return null;
            }
        }
    }

    private @Nullable Object key() throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    /** Passes over all but the last lines. */
    void skipToTail(long lines) throws IOException {
        if (current != null) {
            position = LogTail.start(current.channel(), lines);
        }
    }

    /** Gives every complete line that is there, from where the last call ended, until {@code lines} is full. */
    void readTo(LogLines lines) throws IOException {
        Opened file = current;
        if (file == null) {
            return;
        }
        if (file.channel().size() < position) {
            position = 0;
            begun = new byte[0];
        }
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        while (!lines.isFull() && file.channel().read(block.clear(), position) > 0) {
            position += block.position();
            byte[] bytes = begun;
            int kept = bytes.length;
            bytes = Arrays.copyOf(bytes, kept + block.position());
            block.flip().get(bytes, kept, bytes.length - kept);
            int start = 0;
            for (int i = kept; i < bytes.length; i++) {
                if (bytes[i] == '\n') {
                    lines.take(bytes, start, i + 1);
                    start = i + 1;
                }
            }
            begun = Arrays.copyOfRange(bytes, start, bytes.length);
        }
    }

    /** Gives the last line although it has no newline, since none will come. */
    void finish(LogLines lines) throws IOException {
        if (begun.length > 0) {
            lines.take(begun, 0, begun.length);
            begun = new byte[0];
        }
    }

    /** Turns to the file that has taken the place of the one being read, if one has. */
    boolean turnToNewer(LogLines lines) throws IOException {
        Opened file = current;
        if (file == null) {
            return open();
        }
        Opened newer = null;
        try {
            if (!Objects.equals(file.key(), key())) {
                newer = find();
            }
        } catch (NoSuchFileException e) {
            // Renamed, and the new one is not made yet: its making will be noticed.
            return false;
        }
        if (newer == null) {
            return false;
        }
        // Its writer may have written up to the change.
        readTo(lines);
        finish(lines);
        file.channel().close();
        current = newer;
        position = 0;
        return true;
    }

    @Override
    public void close() throws IOException {
        if (current != null) {
            current.channel().close();
        }
    }
}
