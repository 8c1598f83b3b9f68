package dev.coracle.kubelet.server.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.FullHttpRequest;

/** Turns an HTTP connection into one of another protocol. */
@FunctionalInterface
public interface Upgrade {
    /** Called on the event loop. Succeeds {@code done} when the new protocol's handlers stand. */
    void begin(Channel channel, FullHttpRequest request, ChannelPromise done);
}
