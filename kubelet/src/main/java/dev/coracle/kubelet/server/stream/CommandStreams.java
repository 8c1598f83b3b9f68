package dev.coracle.kubelet.server.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** The client's side of an exec or attach, whatever protocol carries it. */
public interface CommandStreams {
    /** What the client types; at its end at once if the client sends nothing. */
    InputStream stdin();

    /** Takes everything; goes nowhere if the client does not want it. */
    OutputStream stdout();

    OutputStream stderr();

    /** JSON objects {@code {"Width":80,"Height":24}} one after the other. */
    InputStream resizes();

    /** Tells how the command ended, as a JSON {@code Status}, and ends the connection in good order. */
    void finish(byte[] status) throws IOException;

    /** Runs {@code action} when the connection has ended, now if it has. It must not block. */
    void onGone(Runnable action);

    /** Which streams a client asked for. */
    record Wanted(boolean stdin, boolean stdout, boolean stderr, boolean tty) {}
}
