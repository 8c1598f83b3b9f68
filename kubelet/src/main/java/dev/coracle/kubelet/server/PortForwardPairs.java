package dev.coracle.kubelet.server;

import dev.coracle.kubelet.server.stream.SpdyConnection;
import dev.coracle.kubelet.server.stream.SpdyStream;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Timers;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * For each connection that it accepted, the client makes two streams with the same {@code requestID} and {@code port}:
 * one of {@code streamType} error and one data. When both are there the pod is connected to.
 */
final class PortForwardPairs implements SpdyConnection.Acceptor {
    /** As upstream's {@code streamCreationTimeout}. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final PortForwarding forwarding;
    private final Environment environment;
    private final Map<String, Waiting> waiting = new HashMap<>();

    PortForwardPairs(PortForwarding forwarding, Environment environment) {
        this.forwarding = forwarding;
        this.environment = environment;
    }

    /** The first stream of a pair. */
    private record Waiting(SpdyStream stream, boolean isData, Timers.Timer late) {}

    @Override
    public boolean accept(SpdyStream stream) {
        Optional<Integer> port = stream.header("port").flatMap(PortForwarding::port);
        String type = stream.header("streamType").orElse("");
        boolean isData = type.equals("data");
        if (port.isEmpty() || !isData && !type.equals("error")) {
            return false;
        }
        // Clients older than the header make the error stream first and the data stream right after it.
        String request =
                stream.header("requestID").orElseGet(() -> String.valueOf(isData ? stream.id() - 2 : stream.id()));
        Waiting first = take(request, stream, isData);
        if (first == null) {
            return true;
        }
        first.late().cancel();
        if (first.isData() == isData) {
            first.stream().reset();
            return false;
        }
        SpdyStream data = isData ? stream : first.stream();
        SpdyStream error = isData ? first.stream() : stream;
        environment.tasks().start("port-forward", () -> {
            try {
                forwarding.forward(port.get(), data.in(), data.out(), error.out(), data::onAbort);
            } catch (IOException e) {
                PortForwarding.debug(e);
            }
        });
        return true;
    }

    private synchronized @Nullable Waiting take(String request, SpdyStream stream, boolean isData) {
        Waiting first = waiting.remove(request);
        if (first == null) {
            Timers.Timer late = environment.timers().schedule(PATIENCE, () -> giveUp(request, stream));
            waiting.put(request, new Waiting(stream, isData, late));
            stream.onAbort(() -> giveUp(request, stream));
        }
        return first;
    }

    private synchronized void giveUp(String request, SpdyStream stream) {
        Waiting w = waiting.get(request);
        if (w != null && w.stream() == stream) {
            waiting.remove(request);
            w.late().cancel();
            stream.reset();
        }
    }
}
