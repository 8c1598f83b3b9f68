package dev.coracle.network.ingress;

import dev.coracle.machinery.env.Clock;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;

/**
 * How long a client may keep us waiting. A socket's own time-out begins anew with every byte, so that a byte a minute
 * holds a connection for ever, and there is none for writing; this one counts the whole wait. Set by the connection's
 * task, looked at by a timer.
 */
final class Patience {
    /** nginx' {@code client_header_timeout} and {@code send_timeout}. */
    static final Duration USUAL = Duration.ofSeconds(60);

    private record Wait(long since, Duration limit) {}

    private static final Wait NONE = new Wait(0, Duration.ZERO);

    private final Clock clock;
    private volatile Wait wait = NONE;

    Patience(Clock clock) {
        this.clock = clock;
    }

    void begin(Duration limit) {
        wait = new Wait(clock.nanos(), limit);
    }

    void end() {
        wait = NONE;
    }

    /** How long the client has been waited for; zero when it is not. */
    Duration waited() {
        Wait w = wait;
        return w == NONE ? Duration.ZERO : clock.elapsed(w.since());
    }

    boolean exhausted() {
        Wait w = wait;
        return w != NONE && clock.elapsed(w.since()).compareTo(w.limit()) >= 0;
    }

    /** A stream whose single writes are waits, too: for a client that does not read. */
    OutputStream watching(OutputStream out) {
        return new FilterOutputStream(out) {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int count) throws IOException {
                begin(USUAL);
                out.write(bytes, offset, count);
                end();
            }
        };
    }
}
