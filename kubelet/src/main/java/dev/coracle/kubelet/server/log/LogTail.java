package dev.coracle.kubelet.server.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/** Finds where a file's last lines begin, reading backwards. */
final class LogTail {
    private static final int BLOCK = 64 << 10;

    private LogTail() {}

    /**
     * With {@code a\nb\nc\n}, the start of the last 2 is at {@code b}: behind the third newline from the end. The last
     * line counts also without a newline.
     */
    static long start(FileChannel file, long lines) throws IOException {
        long end = file.size();
        if (lines <= 0) {
            return end;
        }
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        // What conmon puts behind a line that its writer never ended is no line of its own.
        long found = endsUnended(file, end) ? -1 : 0;
        for (long at = end; at > 0; ) {
            long from = Math.max(0, at - BLOCK);
            read(file, block.clear().limit((int) (at - from)), from);
            for (int i = block.position() - 1; i >= 0; i--) {
                // A newline at the very end closes the last line, it does not begin another.
                if (block.get(i) == '\n' && from + i != end - 1 && ++found == lines) {
                    return from + i + 1;
                }
            }
            at = from;
        }
        return 0;
    }

    private static void read(FileChannel file, ByteBuffer block, long from) throws IOException {
        int n = 0;
        while (block.hasRemaining() && n >= 0) {
            n = file.read(block, from + block.position());
        }
    }

    /** Whether the last two lines are {@code … stdout P abc} and {@code … stdout F }. */
    private static boolean endsUnended(FileChannel file, long end) throws IOException {
        ByteBuffer block = ByteBuffer.allocate((int) Math.min(BLOCK, end));
        read(file, block, end - block.capacity());
        String[] lines = new String(block.array(), StandardCharsets.ISO_8859_1).split("\n", -1);
        if (lines.length < 3 || !lines[lines.length - 1].isEmpty()) {
            return false;
        }
        String[] last = lines[lines.length - 2].split(" ", 4);
        String[] before = lines[lines.length - 3].split(" ", 4);
        return last.length == 4
                && before.length == 4
                && last[2].equals("F")
                && last[3].isEmpty()
                && before[2].equals("P")
                && before[1].equals(last[1]);
    }
}
