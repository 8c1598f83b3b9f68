package dev.coracle.kubelet.server.stream;

import io.netty.handler.codec.spdy.SpdyHeaders;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A stream of a SPDY connection, made by the client. Both directions end separately; a reset ends both at once. */
public final class SpdyStream {
    private final SpdyConnection connection;
    private final int id;
    private final SpdyHeaders headers;
    private final Inflow in;
    private final Outflow out;
    private final List<Runnable> onAbort = new ArrayList<>();
    private boolean aborted;

    SpdyStream(SpdyConnection connection, int id, SpdyHeaders headers, Inflow in, Outflow out) {
        this.connection = connection;
        this.id = id;
        this.headers = headers;
        this.in = in;
        this.out = out;
    }

    public int id() {
        return id;
    }

    /** Names are compared without regard to case. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.getAsString(name));
    }

    public InputStream in() {
        return in;
    }

    /** Closing it ends our direction. */
    public OutputStream out() {
        return out;
    }

    /** Ends both directions; what is on its way may be lost. */
    public void reset() {
        connection.reset(this);
    }

    /** Runs {@code action} when the stream or its connection broke off, now if it has. It must not block. */
    public void onAbort(Runnable action) {
        synchronized (this) {
            if (!aborted) {
                onAbort.add(action);
                return;
            }
        }
        action.run();
    }

    Inflow inflow() {
        return in;
    }

    void abort(String why) {
        in.fail(why);
        out.fail(why);
        List<Runnable> actions;
        synchronized (this) {
            aborted = true;
            actions = List.copyOf(onAbort);
            onAbort.clear();
        }
        actions.forEach(Runnable::run);
    }
}
