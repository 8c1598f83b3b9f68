package dev.coracle.kubelet.server.stream;

import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;

/**
 * The end of a connection on which everything is said. Closed at once, bytes of the client still on their way would
 * make the kernel answer with a reset, which may overtake our last words. So the client gets a while to close first.
 */
final class Farewell {
    private static final long PATIENCE_SECONDS = 2;

    private Farewell() {}

    static void to(Channel channel) {
        // What still comes is read and dropped, or the client's close would not be seen.
        channel.config().setAutoRead(true);
        var late = channel.eventLoop().schedule(() -> channel.close(), PATIENCE_SECONDS, TimeUnit.SECONDS);
        channel.closeFuture().addListener(f -> late.cancel(false));
    }
}
