package dev.coracle.kubelet.server.stream;

import dev.coracle.machinery.env.Timers;
import io.netty.channel.Channel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** A command's streams on SPDY: the client makes one for each, named by its header {@code streamType}. */
public final class SpdyStreams implements CommandStreams, SpdyConnection.Acceptor {
    public static final String V4 = "v4.channel.k8s.io";

    private static final String TYPE = "streamType";
    /** As upstream's {@code DefaultStreamCreationTimeout}. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final SpdyConnection connection;
    private final Set<String> expected = new HashSet<>();
    private final Map<String, SpdyStream> made = new HashMap<>();
    private boolean gone;

    public SpdyStreams(Channel channel, Wanted wanted) {
        this.connection = new SpdyConnection(channel, this);
        expected.add("error");
        expect("stdin", wanted.stdin());
        expect("stdout", wanted.stdout());
        expect("stderr", wanted.stderr());
        expect("resize", wanted.tty());
    }

    private void expect(String type, boolean wanted) {
        if (wanted) {
            expected.add(type);
        }
    }

    public SpdyConnection connection() {
        return connection;
    }

    @Override
    public synchronized boolean accept(SpdyStream stream) {
        String type = stream.header(TYPE).orElse("");
        if (!expected.contains(type) || made.putIfAbsent(type, stream) != null) {
            return false;
        }
        notifyAll();
        return true;
    }

    /** Returns when the client has made every stream that its request announced. */
    public void await(Timers timers) throws IOException, InterruptedException {
        connection.onGone(this::gone);
        Timers.Timer late = timers.schedule(PATIENCE, connection::close);
        try {
            synchronized (this) {
                while (!made.keySet().containsAll(expected)) {
                    if (gone) {
                        throw new IOException("timed out waiting for client to create streams");
                    }
                    wait();
                }
            }
        } finally {
            late.cancel();
        }
    }

    private synchronized void gone() {
        gone = true;
        notifyAll();
    }

    private InputStream in(String type) {
        return expected.contains(type) ? stream(type).in() : InputStream.nullInputStream();
    }

    private OutputStream out(String type) {
        return expected.contains(type) ? stream(type).out() : OutputStream.nullOutputStream();
    }

    private synchronized SpdyStream stream(String type) {
        return Objects.requireNonNull(made.get(type));
    }

    @Override
    public InputStream stdin() {
        return in("stdin");
    }

    @Override
    public OutputStream stdout() {
        return out("stdout");
    }

    @Override
    public OutputStream stderr() {
        return out("stderr");
    }

    @Override
    public InputStream resizes() {
        return in("resize");
    }

    @Override
    public void finish(byte[] status) throws IOException {
        stdout().close();
        stderr().close();
        try (OutputStream error = out("error")) {
            error.write(status);
        }
        connection.finish();
    }

    @Override
    public void onGone(Runnable action) {
        connection.onGone(action);
    }
}
