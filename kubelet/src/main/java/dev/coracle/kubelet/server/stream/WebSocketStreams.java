package dev.coracle.kubelet.server.stream;

import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** A command's streams on {@link WebSocketChannels}. */
public final class WebSocketStreams implements CommandStreams {
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int ERROR = 3;
    private static final int RESIZE = 4;

    private final WebSocketChannels channels;
    private final InputStream stdin;
    private final InputStream resizes;
    private final OutputStream stdout;
    private final OutputStream stderr;
    private final OutputStream error;
    private final int lowest;

    public WebSocketStreams(WebSocketChannels channels, Wanted wanted) {
        this.channels = channels;
        this.stdin = wanted.stdin() ? channels.in(STDIN) : InputStream.nullInputStream();
        this.resizes = wanted.tty() ? channels.in(RESIZE) : InputStream.nullInputStream();
        this.stdout = wanted.stdout() ? channels.out(STDOUT) : OutputStream.nullOutputStream();
        this.stderr = wanted.stderr() ? channels.out(STDERR) : OutputStream.nullOutputStream();
        this.error = channels.out(ERROR);
        if (wanted.stdin() && !wanted.tty()) {
            channels.answerCloseAtTheEnd();
        }
        this.lowest = wanted.stdout() ? STDOUT : wanted.stderr() ? STDERR : ERROR;
    }

    /** To be called after the upgrade. */
    public void begin() {
        channels.announce(lowest);
    }

    @Override
    public InputStream stdin() {
        return stdin;
    }

    @Override
    public OutputStream stdout() {
        return stdout;
    }

    @Override
    public OutputStream stderr() {
        return stderr;
    }

    @Override
    public InputStream resizes() {
        return resizes;
    }

    @Override
    public void finish(byte[] status) throws IOException {
        Unstructured ended = Unstructured.parse(status);
        if (channels.statuses()) {
            error.write(status);
        } else if (!ended.string("status").equals("Success")) {
            error.write(ended.string("message").getBytes(StandardCharsets.UTF_8));
        }
        channels.finish();
    }

    @Override
    public void onGone(Runnable action) {
        channels.onGone(action);
    }
}
