package dev.coracle.network.ingress;

import dev.coracle.machinery.env.Environment;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.function.Consumer;

/** Takes connections in until its socket is closed. */
final class Acceptor {
    private static final System.Logger LOG = System.getLogger("coracle.ingress-nginx");
    /** As nginx rests: when file descriptors have run out, asking again at once would fail again, and burn the processor. */
    private static final Duration REST = Duration.ofMillis(500);

    private final ServerSocket server;
    private final Consumer<Socket> taker;
    private final Environment environment;

    Acceptor(ServerSocket server, Consumer<Socket> taker, Environment environment) {
        this.server = server;
        this.taker = taker;
        this.environment = environment;
    }

    void run() {
        try {
            while (!server.isClosed()) {
                try {
                    taker.accept(server.accept());
                } catch (IOException e) {
                    if (!server.isClosed()) {
                        LOG.log(System.Logger.Level.WARNING, "accept() failed: " + e.getMessage());
                        environment.sleep(REST);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
