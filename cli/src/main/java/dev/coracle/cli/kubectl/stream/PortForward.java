package dev.coracle.cli.kubectl.stream;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** {@code kubectl port-forward}: each connection to the local port is a WebSocket of its own to the pod's. */
public final class PortForward implements Verb {
    private static final int DATA = 0;
    private static final int ERROR = 1;
    /** Each channel begins with the port's number, in two bytes. */
    private static final int NUMBER = 2;

    private record Pair(int local, int remote) {}

    @Override
    public Flags flags() {
        return Flags.of("address*", "pod-running-timeout~");
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException, InterruptedException {
        List<String> arguments = line.arguments();
        if (arguments.size() < 2) {
            throw new Failure("TYPE/NAME and list of ports are required for port-forward"
                    + "\nSee 'kubectl port-forward -h' for help and examples");
        }
        Unstructured pod = Pods.find(session, arguments.getFirst());
        String phase = pod.string("status", "phase");
        if (!phase.equals("Running")) {
            throw new Failure("unable to forward port because pod is not running. Current status=" + phase);
        }
        List<String> addresses = line.all("address").isEmpty() ? List.of("127.0.0.1", "::1") : line.all("address");
        List<ServerSocket> listening = new ArrayList<>();
        try {
            for (String text : arguments.subList(1, arguments.size())) {
                listen(session, pod, pair(session, arguments.getFirst(), pod, text), addresses, listening);
            }
            new CountDownLatch(1).await();
            return 0;
        } finally {
            for (ServerSocket s : listening) {
                s.close();
            }
        }
    }

    /** {@code 8080:80}, {@code 80}, {@code :80} (any local port); ports may go by name, and a Service's are its own. */
    private static Pair pair(Session session, String target, Unstructured pod, String text) {
        String[] parts = text.split(":", -1);
        if (parts.length > 2) {
            throw new Failure("invalid port format '" + text + "'");
        }
        String remote = parts[parts.length - 1];
        String local = parts.length == 1 ? remote : parts[0];
        int port = target.matches("(svc|service|services)/.*")
                ? servicePort(session, target.substring(target.indexOf('/') + 1), pod, remote)
                : podPort(pod, remote);
        if (local.matches("[0-9]*")) {
            return new Pair(local.isEmpty() ? 0 : Integer.parseInt(local), port);
        }
        return new Pair(port, port);
    }

    private static int podPort(Unstructured pod, String port) {
        if (port.matches("[0-9]{1,5}")) {
            return Integer.parseInt(port);
        }
        for (Unstructured c : pod.objects("spec", "containers")) {
            for (Unstructured p : c.objects("ports")) {
                if (p.string("name").equals(port)) {
                    return (int) p.integer(0, "containerPort");
                }
            }
        }
        throw new Failure("Pod '" + pod.name() + "' does not have a named port '" + port + "'");
    }

    private static int servicePort(Session session, String service, Unstructured pod, String port) {
        Unstructured s = session.client()
                .get(Resources.SERVICES, session.namespace(), service)
                .object();
        for (Unstructured p : s.objects("spec", "ports")) {
            if (p.string("name").equals(port) || ("" + p.integer(0, "port")).equals(port)) {
                Object target = p.get("targetPort");
                return podPort(pod, target == null ? "" + p.integer(0, "port") : String.valueOf(target));
            }
        }
        throw new Failure("Service " + service + " does not have a service port " + port);
    }

    private static void listen(
            Session session, Unstructured pod, Pair pair, List<String> addresses, List<ServerSocket> listening)
            throws IOException {
        int local = pair.local();
        boolean any = false;
        IOException failure = null;
        for (String address : addresses) {
            ServerSocket server = new ServerSocket();
            try {
                server.setReuseAddress(true);
                server.bind(new InetSocketAddress(
                        InetAddress.getByName(address.equals("localhost") ? "127.0.0.1" : address), local));
            } catch (IOException e) {
                server.close();
                failure = e;
                continue;
            }
            any = true;
            local = server.getLocalPort();
            listening.add(server);
            String shown = address.contains(":") ? "[" + address + "]" : address;
            session.out().println("Forwarding from " + shown + ":" + local + " -> " + pair.remote());
            session.out().flush();
            session.environment().tasks().start("port-forward", () -> accept(session, pod, server, pair.remote()));
        }
        if (!any) {
            throw new Failure("unable to listen on any of the requested ports: [{" + pair.local() + " " + pair.remote()
                    + "}]: " + (failure == null ? "" : failure.getMessage()));
        }
    }

    private static void accept(Session session, Unstructured pod, ServerSocket server, int port) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                session.out().println("Handling connection for " + server.getLocalPort());
                session.out().flush();
                session.environment().tasks().start("port-forward", () -> forward(session, pod, socket, port));
            } catch (IOException e) {
                // Closed: the command ends.
                return;
            }
        }
    }

    private static void forward(Session session, Unstructured pod, Socket socket, int port) {
        String path = RestClient.path(Resources.PODS, pod.namespace(), pod.name(), "portforward")
                + RestClient.query(Map.of("ports", "" + port));
        var error = new ByteArrayOutputStream();
        try (socket) {
            OutputStream out = socket.getOutputStream();
            int[] skip = {NUMBER, NUMBER};
            Channels.Receiver receiver = (channel, bytes) -> {
                if (channel != DATA && channel != ERROR) {
                    return;
                }
                int from = Math.min(skip[channel], bytes.length);
                skip[channel] -= from;
                (channel == DATA ? out : error).write(bytes, from, bytes.length - from);
            };
            try (Channels channels = Channels.open(session, path, receiver)) {
                session.environment().tasks().start("port-forward", () -> feed(socket, channels));
                channels.await();
            }
        } catch (IOException | UncheckedIOException | dev.coracle.machinery.object.StatusException e) {
            session.err().println("error forwarding port " + port + " to pod " + pod.name() + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (error.size() > 0) {
            session.err()
                    .println("an error occurred forwarding " + port + ": "
                            + error.toString(StandardCharsets.UTF_8).trim());
        }
    }

    /** What the local side sends; when it has said all it waits for the rest of the answer. */
    private static void feed(Socket socket, Channels channels) {
        byte[] piece = new byte[16 * 1024];
        try {
            var in = socket.getInputStream();
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                channels.send(DATA, piece, n);
            }
            channels.finish(DATA);
        } catch (IOException e) {
            channels.close();
        }
    }
}
