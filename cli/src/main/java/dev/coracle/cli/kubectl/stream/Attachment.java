package dev.coracle.cli.kubectl.stream;

import dev.coracle.cli.kubectl.base.Durations;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Connects the user with a container as soon as it runs; of one that has ended already, shows what it said. */
public final class Attachment {
    private static final Duration GLANCE = Duration.ofMillis(250);

    /** The flag, as it is declared. */
    public static final String PATIENCE = "pod-running-timeout~";

    private final Session session;
    private final Flags.Line line;
    private final @Nullable Duration patience;

    /** For as long as somebody wants, as {@code debug} does. @param line with attach, stdin, tty and quiet */
    Attachment(Session session, Flags.Line line) {
        this(session, line, null);
    }

    private Attachment(Session session, Flags.Line line, @Nullable Duration patience) {
        this.session = session;
        this.line = line;
        this.patience = patience;
    }

    /** For as long as {@link #PATIENCE} says, or a minute. */
    public static Attachment patient(Session session, Flags.Line line) {
        return new Attachment(session, line, Durations.parse(line.get("pod-running-timeout", "1m")));
    }

    /** Where the user wants to be connected, which they do by default where the container has an input. */
    public int run(String pod, String container) throws IOException, InterruptedException {
        if (!line.on("attach", line.on("stdin"))) {
            return 0;
        }
        try {
            return connect(pod, container, line.on("tty"));
        } catch (StatusException e) {
            // It may have ended in between, and has said what it had to say.
            session.err()
                    .println("warning: couldn't attach to pod/" + pod + ", falling back to streaming logs: "
                            + e.getMessage());
            return ended(pod, container);
        }
    }

    /** @param tty whether the container has a terminal, and it is to be spoken to by one */
    int connect(String pod, String container, boolean tty) throws IOException, InterruptedException {
        session.out().flush();
        Unstructured status = await(pod, container);
        if (status.has("state", "terminated")) {
            return ended(pod, container);
        }
        boolean terminal = tty && RawTerminal.isStandardInput(session);
        if (tty && line.on("tty") && !terminal) {
            session.err().println("Unable to use a TTY - input is not a terminal or the right kind of file");
        }
        if (!line.on("quiet")) {
            session.err()
                    .println("All commands and output from this session will be recorded in container logs, including"
                            + " credentials and sensitive information passed through the command prompt.");
        }
        if (line.on("stdin") && !line.on("quiet")) {
            session.err().println("If you don't see a command prompt, try pressing enter.");
        }
        var streams = new Exec.Streams(session.in(), session.out(), session.err());
        return Exec.run(session, path(pod, container, tty), streams, line.on("stdin"), terminal);
    }

    private String path(String pod, String container, boolean tty) {
        Map<String, String> q = new LinkedHashMap<>();
        q.put("container", container);
        q.put("stdin", line.on("stdin") ? "true" : "");
        q.put("stdout", "true");
        q.put("stderr", tty ? "" : "true");
        q.put("tty", tty ? "true" : "");
        return RestClient.path(Resources.PODS, session.namespace(), pod, "attach") + RestClient.query(q);
    }

    private Unstructured await(String pod, String container) throws InterruptedException {
        Set<String> told = new HashSet<>();
        long began = session.environment().clock().nanos();
        while (true) {
            Unstructured now = Pods.pod(session, pod);
            for (String list : List.of("ephemeralContainerStatuses", "containerStatuses", "initContainerStatuses")) {
                for (Unstructured s : now.objects("status", list)) {
                    boolean ours = s.string("name").equals(container);
                    if (ours && (s.has("state", "running") || s.has("state", "terminated"))) {
                        return s;
                    }
                    String message = ours ? s.string("state", "waiting", "message") : "";
                    if (!message.isEmpty() && told.add(message)) {
                        session.err().println("Warning: container " + container + ": " + message);
                    }
                }
            }
            if (List.of("Succeeded", "Failed").contains(now.string("status", "phase"))) {
                throw new Failure("cannot attach a container in a completed pod; current phase is "
                        + now.string("status", "phase"));
            }
            if (patience != null && session.environment().clock().elapsed(began).compareTo(patience) > 0) {
                throw new Failure("timed out waiting for the condition");
            }
            session.environment().sleep(GLANCE);
        }
    }

    private int ended(String pod, String container) throws IOException {
        String path = RestClient.path(Resources.PODS, session.namespace(), pod, "log")
                + RestClient.query(new LinkedHashMap<>(Map.of("container", container)));
        try (InputStream in = session.connection().stream(path, "*/*")) {
            in.transferTo(session.out());
        }
        return 0;
    }
}
