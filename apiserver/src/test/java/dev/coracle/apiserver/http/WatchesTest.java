package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What hundreds who watch a big object cost is not hundreds of copies of it. */
class WatchesTest {
    private static final class Recorded implements Answer.Stream {
        final List<byte[]> written = new ArrayList<>();

        @Override
        public void write(byte[] chunk) {
            written.add(chunk);
        }

        @Override
        public void onGone(Runnable action) {}

        @Override
        public void close() {}
    }

    @Test
    void aBigObjectIsSentAsItLiesInTheCacheAndSmallOnesTogether() throws IOException {
        var stream = new Recorded();
        byte[] big = new byte[1 << 20];
        var lines = new Watches.Lines(stream, Watches.LITTLE);
        for (byte[] part : List.of(new byte[10], big, new byte[2], new byte[30], new byte[4], new byte[16 << 10])) {
            lines.add(part);
        }
        lines.flush();
        assertThat(stream.written.stream().map(b -> b.length)).containsExactly(10, 1 << 20, 36, 16 << 10);
        assertThat(stream.written.get(1)).isSameAs(big);
    }
}
