package dev.coracle.kubelet.server.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

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
        long found = 0;
        for (long at = end; at > 0; ) {
            long from = Math.max(0, at - BLOCK);
            block.clear().limit((int) (at - from));
            int n = 0;
            while (block.hasRemaining() && n >= 0) {
                n = file.read(block, from + block.position());
            }
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
}
