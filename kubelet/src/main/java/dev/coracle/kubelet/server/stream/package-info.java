/**
 * Several byte streams over one upgraded connection. {@link dev.coracle.kubelet.server.stream.Inflow} and
 * {@link dev.coracle.kubelet.server.stream.Outflow} are the ends a task reads and writes, both with back-pressure:
 * a reader that is behind stops the connection from being read ({@link dev.coracle.kubelet.server.stream.ReadGate}),
 * a write returns when its bytes have left for the network.
 *
 * <p>SPDY/3.1 is used as Go's {@code moby/spdystream} speaks it: no flow-control windows, since that library neither
 * sends nor heeds WINDOW_UPDATE. So Netty's frame codec is used and its session handler, which would stall after 64
 * KiB, is not.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.kubelet.server.stream;
