package dev.coracle.cli.kubectl.stream;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.os.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubectl exec}: a command in a container, its three streams, its exit code. */
public final class Exec implements Verb {
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int ERROR = 3;
    private static final int RESIZE = 4;
    private static final Duration GLANCE = Duration.ofMillis(500);

    /** Our ends of the command's. */
    record Streams(InputStream in, OutputStream out, OutputStream err) {}

    @Override
    public Flags flags() {
        return Flags.of("stdin,i!", "tty,t!", "container,c", "quiet,q!");
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException, InterruptedException {
        List<String> arguments = line.arguments();
        if (arguments.isEmpty()) {
            throw new Failure("pod, type/name or --filename must be specified");
        }
        List<String> command = arguments.subList(Math.max(1, line.dash()), arguments.size());
        if (command.isEmpty()) {
            throw new Failure("you must specify at least one command for the container");
        }
        Unstructured pod = Pods.find(session, arguments.getFirst());
        String phase = pod.string("status", "phase");
        if (phase.equals("Succeeded") || phase.equals("Failed")) {
            throw new Failure("cannot exec into a container in a completed pod; current phase is " + phase);
        }
        String container = Pods.container(session, pod, line.get("container"));
        boolean terminal = line.on("tty") && RawTerminal.isStandardInput(session);
        if (line.on("tty") && line.on("stdin") && !terminal) {
            session.err().println("Unable to use a TTY - input is not a terminal or the right kind of file");
        }
        String path = path(pod, container, command, line.on("stdin"), terminal);
        return run(session, path, new Streams(session.in(), session.out(), session.err()), line.on("stdin"), terminal);
    }

    static String path(Unstructured pod, String container, List<String> command, boolean stdin, boolean tty) {
        Map<String, String> q = new LinkedHashMap<>();
        q.put("container", container);
        q.put("stdin", stdin ? "true" : "");
        q.put("stdout", "true");
        q.put("stderr", tty ? "" : "true");
        q.put("tty", tty ? "true" : "");
        StringBuilder path = new StringBuilder(
                RestClient.path(Resources.PODS, pod.namespace(), pod.name(), "exec") + RestClient.query(q));
        command.forEach(w -> path.append("&command=")
                .append(URLEncoder.encode(w, StandardCharsets.UTF_8).replace("+", "%20")));
        return path.toString();
    }

    /** A command that fails is a {@link Failure} with the command's exit code. */
    static int run(Session session, String path, Streams streams, boolean stdin, boolean tty)
            throws IOException, InterruptedException {
        var verdict = new ByteArrayOutputStream();
        Channels.Receiver receiver = (channel, bytes) -> {
            switch (channel) {
                case STDOUT -> {
                    streams.out().write(bytes);
                    streams.out().flush();
                }
                case STDERR -> {
                    streams.err().write(bytes);
                    streams.err().flush();
                }
                case ERROR -> verdict.write(bytes);
                default -> {}
            }
        };
        try (RawTerminal raw = tty ? RawTerminal.enter() : null;
                Channels channels = Channels.open(session, path, receiver)) {
            Timers.Timer resizing = tty ? resizes(session, channels) : () -> {};
            if (stdin) {
                session.environment().tasks().start("stdin", () -> feed(streams.in(), channels));
            }
            channels.await();
            resizing.cancel();
        }
        return code(verdict.toByteArray());
    }

    private static void feed(InputStream in, Channels channels) {
        byte[] piece = new byte[8192];
        try {
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                channels.send(STDIN, piece, n);
            }
            channels.finish(STDIN);
        } catch (IOException e) {
            // The command ended first.
        }
    }

    /** Tells the size of the window now, and whenever it has changed. */
    private static Timers.Timer resizes(Session session, Channels channels) {
        int[][] told = {new int[0]};
        Runnable look = () -> {
            int[] size = Terminal.ownSize();
            if (size != null && !Arrays.equals(size, told[0])) {
                told[0] = size;
                byte[] json =
                        Json.bytes(new LinkedHashMap<>(Map.of("Width", (long) size[0], "Height", (long) size[1])));
                try {
                    channels.send(RESIZE, json, json.length);
                } catch (IOException e) {
                    // The command ended first.
                }
            }
        };
        look.run();
        return session.environment().timers().every(GLANCE, look);
    }

    /** The status that the error channel ends with says how the command ended. */
    private static int code(byte[] verdict) {
        if (verdict.length == 0) {
            throw new Failure("the connection was lost before the command ended");
        }
        Unstructured status = Unstructured.parse(verdict);
        if (status.string("status").equals("Success")) {
            return 0;
        }
        for (Unstructured cause : status.objects("details", "causes")) {
            if (cause.string("reason").equals("ExitCode")) {
                String code = cause.string("message");
                throw Failure.plain("command terminated with exit code " + code, Integer.parseInt(code));
            }
        }
        throw new Failure(status.stringOr("the command could not be run", "message"));
    }
}
