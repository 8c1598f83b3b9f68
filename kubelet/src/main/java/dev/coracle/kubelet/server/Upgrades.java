package dev.coracle.kubelet.server;

import dev.coracle.kubelet.server.http.Exchange;
import dev.coracle.kubelet.server.http.Refusal;
import dev.coracle.kubelet.server.stream.CommandStreams;
import dev.coracle.kubelet.server.stream.SpdyStreams;
import dev.coracle.kubelet.server.stream.SpdyUpgrade;
import dev.coracle.kubelet.server.stream.WebSocketChannels;
import dev.coracle.kubelet.server.stream.WebSocketStreams;
import dev.coracle.kubelet.server.stream.WebSocketUpgrade;
import dev.coracle.machinery.env.Timers;
import java.io.IOException;
import java.util.List;

/** Agrees with a client on a protocol and switches to it. */
final class Upgrades {
    private static final List<String> COMMANDS = List.of(
            WebSocketChannels.V5,
            WebSocketChannels.V4,
            WebSocketChannels.V4_BASE64,
            WebSocketChannels.V1,
            WebSocketChannels.V1_BASE64);

    private Upgrades() {}

    static CommandStreams command(Exchange exchange, CommandStreams.Wanted wanted, Timers timers)
            throws IOException, InterruptedException {
        if (isWebSocket(exchange)) {
            boolean named = !exchange.headerWords("Sec-WebSocket-Protocol").isEmpty();
            String protocol = named ? webSocketProtocol(exchange, COMMANDS) : WebSocketChannels.NONE_NAMED;
            WebSocketChannels channels = new WebSocketChannels(exchange.channel(), protocol);
            WebSocketStreams streams = new WebSocketStreams(channels, wanted);
            exchange.upgrade(new WebSocketUpgrade(protocol, List.of(channels)));
            streams.begin();
            return streams;
        }
        String protocol = spdyProtocol(exchange, List.of(SpdyStreams.V4));
        SpdyStreams streams = new SpdyStreams(exchange.channel(), wanted);
        exchange.upgrade(new SpdyUpgrade(protocol, streams.connection()));
        streams.await(timers);
        return streams;
    }

    static boolean isWebSocket(Exchange exchange) {
        return exchange.wantsUpgradeTo("websocket");
    }

    static String webSocketProtocol(Exchange exchange, List<String> known) {
        return agree(exchange.headerWords("Sec-WebSocket-Protocol"), known);
    }

    static String spdyProtocol(Exchange exchange, List<String> known) {
        if (!exchange.wantsUpgradeTo(SpdyUpgrade.SPDY)) {
            throw new Refusal(400, "unable to upgrade: missing upgrade headers in request");
        }
        return agree(exchange.headerWords(SpdyUpgrade.PROTOCOL_HEADER), known);
    }

    /** The first that the client names, since it names the one it likes best first. */
    private static String agree(List<String> offered, List<String> known) {
        return offered.stream()
                .filter(known::contains)
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        403,
                        "unable to upgrade: unable to negotiate protocol: client supports " + offered
                                + ", server accepts " + known));
    }
}
