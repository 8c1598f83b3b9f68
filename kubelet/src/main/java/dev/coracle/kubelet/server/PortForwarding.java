package dev.coracle.kubelet.server;

import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService;
import dev.coracle.runtime.RuntimeService.Connection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/** Connections into one pod. */
final class PortForwarding {
    private final RuntimeService runtime;
    private final Tasks tasks;
    private final Unstructured pod;
    private final String sandbox;

    PortForwarding(RuntimeService runtime, Tasks tasks, Unstructured pod, String sandbox) {
        this.runtime = runtime;
        this.tasks = tasks;
        this.pod = pod;
        this.sandbox = sandbox;
    }

    static Optional<Integer> port(String text) {
        try {
            int port = Integer.parseInt(text);
            return port > 0 && port < 65536 ? Optional.of(port) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    static void debug(Exception e) {
        System.getLogger("coracle.kubelet").log(System.Logger.Level.DEBUG, "port-forward", e);
    }

    /**
     * Joins one connection of the client with one to the pod; returns when the pod's side has ended and is delivered.
     * Only that the pod cannot be reached is told on {@code error}: kubectl takes any word there for the end of all
     * forwarding, and a pod may well reset a connection.
     *
     * @param onAbort takes what to run when the client's connection breaks off
     */
    void forward(int port, InputStream in, OutputStream out, OutputStream error, Consumer<Runnable> onAbort)
            throws IOException {
        try (in;
                error;
                out) {
            Connection target;
            try {
                target = runtime.portForward(sandbox, port);
            } catch (CriException e) {
                String message = "error forwarding port " + port + " to pod " + pod.name() + ", uid " + pod.uid() + ": "
                        + e.getMessage();
                error.write(message.getBytes(StandardCharsets.UTF_8));
                return;
            }
            try (target) {
                onAbort.accept(() -> tasks.start("port-forward-end", target::close));
                tasks.start("port-forward-in", () -> send(in, target));
                CommandSession.copy(target.in(), out);
            } catch (IOException e) {
                debug(e);
            }
        }
    }

    private static void send(InputStream from, Connection target) {
        try (OutputStream to = target.out()) {
            CommandSession.copy(from, to);
        } catch (IOException | CriException e) {
            debug(e);
        }
    }
}
