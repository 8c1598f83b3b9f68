package dev.coracle.client.https;

import dev.coracle.client.Client;
import dev.coracle.client.WatchEvent;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One watch: reads its lines on the task that runs it. {@link #close} and delivery exclude each other. */
final class WatchStream implements Client.Watch, Runnable {
    private static final System.Logger LOG = System.getLogger("coracle.client");

    private final GroupVersionResource resource;
    private final InputStream in;
    private final Client.WatchListener listener;
    private final Consumer<WatchStream> ended;
    private final Object delivery = new Object();
    private boolean closed;

    WatchStream(
            GroupVersionResource resource, InputStream in, Client.WatchListener listener, Consumer<WatchStream> ended) {
        this.resource = resource;
        this.in = in;
        this.listener = listener;
        this.ended = ended;
    }

    @Override
    public void run() {
        StatusException cause;
        try (InputStream buffered = new BufferedInputStream(in, 1 << 16)) {
            cause = read(buffered);
        } catch (IOException e) {
            cause = StatusException.unavailable("the watch of " + resource.resource() + " broke: " + e.getMessage());
        } catch (MalformedJsonException e) {
            cause = StatusException.unavailable("the watch of " + resource.resource() + " was cut: " + e.getMessage());
        }
        ended.accept(this);
        synchronized (delivery) {
            if (!closed) {
                closed = true;
                listener.onClosed(cause);
            }
        }
    }

    /** Until the stream ends or says why it must. */
    private StatusException read(InputStream stream) throws IOException {
        for (byte[] line = line(stream); line != null; line = line(stream)) {
            Unstructured event = Unstructured.parse(line);
            Unstructured object = event.object("object");
            String type = event.string("type");
            if (type.equals("ERROR")) {
                return StatusException.of(500, object);
            }
            WatchEvent e;
            try {
                e = new WatchEvent(WatchEvent.Type.valueOf(type), RestClient.revision(resource, object));
            } catch (IllegalArgumentException unknown) {
                LOG.log(System.Logger.Level.WARNING, "watch of " + resource.resource() + ": unknown event " + type);
                continue;
            }
            synchronized (delivery) {
                if (!closed) {
                    deliver(e);
                }
            }
        }
        return StatusException.unavailable("the server ended the watch of " + resource.resource());
    }

    /** A listener that fails on one event is told of the next all the same: no one else would notice the silence. */
    private void deliver(WatchEvent event) {
        try {
            listener.onEvent(event);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "watch of " + resource.resource() + ": a listener failed", e);
        }
    }

    private static byte @Nullable [] line(InputStream stream) throws IOException {
        var line = new ByteArrayOutputStream(4096);
        while (true) {
            int b = stream.read();
            if (b == '\n' && line.size() > 0) {
                return line.toByteArray();
            }
            if (b < 0) {
                return line.size() == 0 ? null : line.toByteArray();
            }
            if (b != '\n') {
                line.write(b);
            }
        }
    }

    @Override
    public void close() {
        synchronized (delivery) {
            closed = true;
        }
        ended.accept(this);
        try {
            in.close();
        } catch (IOException e) {
            // It ends all the same.
        }
    }
}
