package dev.coracle.kubelet.server;

import dev.coracle.kubelet.server.http.Exchange;
import dev.coracle.kubelet.server.http.Refusal;
import dev.coracle.kubelet.server.stream.CommandStreams;
import dev.coracle.kubelet.server.stream.WebSocketStreams;
import dev.coracle.kubelet.server.stream.WebSocketUpgrade;
import java.io.IOException;
import java.util.List;

/** Agrees with a client on a protocol and switches to it. */
final class Upgrades {
    private static final List<String> WEB_SOCKET_COMMANDS = List.of(WebSocketStreams.V5, WebSocketStreams.V4);

    private Upgrades() {}

    static CommandStreams command(Exchange exchange, CommandStreams.Wanted wanted)
            throws IOException, InterruptedException {
        if (exchange.wantsUpgradeTo("websocket")) {
            String protocol = agree(exchange.headerWords("Sec-WebSocket-Protocol"), WEB_SOCKET_COMMANDS);
            WebSocketStreams streams = new WebSocketStreams(exchange.channel(), protocol, wanted);
            exchange.upgrade(new WebSocketUpgrade(protocol, List.of(streams)));
            return streams;
        }
        throw notUpgraded();
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

    private static Refusal notUpgraded() {
        return new Refusal(400, "unable to upgrade: missing upgrade headers in request");
    }
}
