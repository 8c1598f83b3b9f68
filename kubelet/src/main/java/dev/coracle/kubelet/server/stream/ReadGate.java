package dev.coracle.kubelet.server.stream;

import io.netty.channel.Channel;

/**
 * Stops a connection from being read while what was read waits for its readers. One gate for all streams of a
 * connection: the protocols carried here have no flow control per stream.
 */
final class ReadGate {
    private static final int PAUSE_ABOVE = 512 << 10;
    private static final int RESUME_BELOW = 128 << 10;

    private final Channel channel;
    private long waiting;
    private boolean paused;

    ReadGate(Channel channel) {
        this.channel = channel;
    }

    synchronized void arrived(int bytes) {
        waiting += bytes;
        if (!paused && waiting > PAUSE_ABOVE) {
            paused = true;
            channel.config().setAutoRead(false);
        }
    }

    synchronized void taken(int bytes) {
        waiting -= bytes;
        if (paused && waiting < RESUME_BELOW) {
            paused = false;
            channel.config().setAutoRead(true);
        }
    }
}
