package dev.coracle.kubelet.server;

import dev.coracle.kubelet.server.http.Exchange;
import dev.coracle.kubelet.server.http.Refusal;
import dev.coracle.kubelet.server.stream.SpdyConnection;
import dev.coracle.kubelet.server.stream.SpdyUpgrade;
import dev.coracle.kubelet.server.stream.WebSocketChannels;
import dev.coracle.kubelet.server.stream.WebSocketTunnel;
import dev.coracle.kubelet.server.stream.WebSocketUpgrade;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService;
import io.netty.channel.ChannelHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * {@code /portForward/{namespace}/{pod}}, in three forms: SPDY; SPDY inside a WebSocket, which kubectl uses since 1.31;
 * and, for the ports named in the query, WebSocket channels, which fabric8's client uses.
 */
final class PortForwardEndpoint {
    private static final String SPDY_PROTOCOL = "portforward.k8s.io";
    private static final String TUNNEL = "SPDY/3.1+portforward.k8s.io";

    private final PodLookup pods;
    private final RuntimeService runtime;
    private final Environment environment;

    PortForwardEndpoint(PodLookup pods, RuntimeService runtime, Environment environment) {
        this.pods = pods;
        this.runtime = runtime;
        this.environment = environment;
    }

    /** Returns when the client is gone. */
    void serve(Exchange exchange, Unstructured pod) throws IOException, InterruptedException {
        String sandbox = pods.sandbox(pod.uid())
                .orElseThrow(() -> new Refusal(500, "pod not found (\"" + pod.name() + "_" + pod.namespace() + "\")"))
                .id();
        PortForwarding forwarding = new PortForwarding(runtime, environment.tasks(), pod, sandbox);
        CountDownLatch gone = new CountDownLatch(1);
        exchange.onGone(gone::countDown);
        if (!Upgrades.isWebSocket(exchange)) {
            String protocol = Upgrades.spdyProtocol(exchange, List.of(SPDY_PROTOCOL));
            exchange.upgrade(new SpdyUpgrade(protocol, connection(exchange, forwarding)));
        } else {
            String protocol =
                    Upgrades.webSocketProtocol(exchange, List.of(TUNNEL, WebSocketChannels.V5, WebSocketChannels.V4));
            if (protocol.equals(TUNNEL)) {
                List<ChannelHandler> handlers = new ArrayList<>(List.of(new WebSocketTunnel()));
                handlers.addAll(connection(exchange, forwarding).handlers());
                exchange.upgrade(new WebSocketUpgrade(protocol, handlers));
            } else {
                onChannels(exchange, protocol, forwarding);
            }
        }
        gone.await();
    }

    private SpdyConnection connection(Exchange exchange, PortForwarding forwarding) {
        return new SpdyConnection(exchange.channel(), new PortForwardPairs(forwarding, environment));
    }

    /** Channel {@code 2i} is the data of the i-th port, {@code 2i+1} its errors; both begin with the port's number. */
    private void onChannels(Exchange exchange, String protocol, PortForwarding forwarding)
            throws IOException, InterruptedException {
        List<Integer> ports = ports(exchange);
        WebSocketChannels channels = new WebSocketChannels(exchange.channel(), protocol);
        for (int i = 0; i < ports.size(); i++) {
            channels.in(2 * i);
        }
        exchange.upgrade(new WebSocketUpgrade(protocol, List.of(channels)));
        CountDownLatch open = new CountDownLatch(ports.size());
        for (int i = 0; i < ports.size(); i++) {
            int port = ports.get(i);
            int data = 2 * i;
            environment.tasks().start("port-forward", () -> {
                OutputStream out = channels.out(data);
                OutputStream error = channels.out(data + 1);
                try {
                    byte[] number = {(byte) port, (byte) (port >> 8)};
                    out.write(number);
                    error.write(number);
                    forwarding.forward(port, channels.in(data), out, error, channels::onGone);
                } catch (IOException e) {
                    PortForwarding.debug(e);
                } finally {
                    open.countDown();
                }
            });
        }
        open.await();
        channels.finish();
    }

    /** {@code port=80&port=81} or {@code ports=80,81}. */
    private static List<Integer> ports(Exchange exchange) {
        List<String> texts = new ArrayList<>(exchange.query("port"));
        texts.addAll(exchange.query("ports"));
        List<Integer> ports = texts.stream()
                .flatMap(t -> List.of(t.split(",", -1)).stream())
                .map(t -> PortForwarding.port(t)
                        .orElseThrow(() -> new Refusal(400, "unable to parse \"" + t + "\" as a port")))
                .toList();
        if (ports.isEmpty()) {
            throw new Refusal(400, "query parameter \"port\" is required");
        }
        if (ports.size() > 100) {
            throw new Refusal(400, "no more than 100 ports can be forwarded at once");
        }
        return ports;
    }
}
