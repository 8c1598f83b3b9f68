package dev.coracle.kubelet.server.stream;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stops a connection from being read while what was read waits for its readers. One gate for all streams of a
 * connection: the protocols carried here have no flow control per stream.
 *
 * <p>A connection that is not read does not show that the client has left. So while it is paused, pings are sent: those
 * that cannot be delivered end it.
 */
final class ReadGate {
    private static final int PAUSE_ABOVE = 512 << 10;
    private static final int RESUME_BELOW = 128 << 10;
    private static final int PING_SECONDS = 1;

    private final Channel channel;
    private final Supplier<Object> ping;
    private long waiting;
    /** Runs while paused. */
    private @Nullable Future<?> pings;

    ReadGate(Channel channel, Supplier<Object> ping) {
        this.channel = channel;
        this.ping = ping;
    }

    /** Called on the event loop. */
    synchronized void arrived(int bytes) {
        waiting += bytes;
        if (pings == null && waiting > PAUSE_ABOVE) {
            channel.config().setAutoRead(false);
            pings = channel.eventLoop().scheduleAtFixedRate(this::ping, PING_SECONDS, PING_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void ping() {
        if (channel.isActive()) {
            channel.writeAndFlush(ping.get());
        } else {
            stopPings();
        }
    }

    private synchronized boolean stopPings() {
        Future<?> running = pings;
        pings = null;
        return running != null && running.cancel(false);
    }

    synchronized void taken(int bytes) {
        waiting -= bytes;
        if (waiting < RESUME_BELOW && stopPings()) {
            channel.config().setAutoRead(true);
        }
    }
}
