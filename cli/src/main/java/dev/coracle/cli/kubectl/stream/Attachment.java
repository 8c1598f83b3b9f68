package dev.coracle.cli.kubectl.stream;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.client.https.HttpsClient;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Connects the user with a container as soon as it runs; of one that has ended already, shows what it said. */
public final class Attachment {
    private static final Duration GLANCE = Duration.ofMillis(250);

    private final Session session;
    private final Flags.Line line;

    /** @param line with {@code attach}, {@code stdin}, {@code tty} and {@code quiet} */
    public Attachment(Session session, Flags.Line line) {
        this.session = session;
        this.line = line;
    }

    /** Where the user wants to be connected, which they do by default where the container has an input. */
    public int run(String pod, String container) throws IOException, InterruptedException {
        if (!line.on("attach", line.on("stdin"))) {
            return 0;
        }
        return connect(pod, container);
    }

    int connect(String pod, String container) throws IOException, InterruptedException {
        session.out().flush();
        Unstructured status = await(pod, container);
        if (status.has("state", "terminated")) {
            return ended(pod, container);
        }
        boolean terminal = line.on("tty") && RawTerminal.isStandardInput(session);
        if (line.on("tty") && !terminal) {
            session.err().println("Unable to use a TTY - input is not a terminal or the right kind of file");
        }
        if (line.on("stdin") && !line.on("quiet")) {
            session.err()
                    .println("All commands and output from this session will be recorded in container logs, including"
                            + " credentials and sensitive information passed through the command prompt.");
            session.err().println("If you don't see a command prompt, try pressing enter.");
        }
        var streams = new Exec.Streams(session.in(), session.out(), session.err());
        return Exec.run(session, path(pod, container, line.on("tty")), streams, line.on("stdin"), terminal);
    }

    private String path(String pod, String container, boolean tty) {
        Map<String, String> q = new LinkedHashMap<>();
        q.put("container", container);
        q.put("stdin", line.on("stdin") ? "true" : "");
        q.put("stdout", "true");
        q.put("stderr", tty ? "" : "true");
        q.put("tty", tty ? "true" : "");
        return HttpsClient.path(Resources.PODS, session.namespace(), pod, "attach") + HttpsClient.query(q);
    }

    private Unstructured await(String pod, String container) throws InterruptedException {
        String told = "";
        while (true) {
            Unstructured now = Pods.pod(session, pod);
            for (String list : List.of("ephemeralContainerStatuses", "containerStatuses", "initContainerStatuses")) {
                for (Unstructured s : now.objects("status", list)) {
                    boolean ours = s.string("name").equals(container);
                    if (ours && (s.has("state", "running") || s.has("state", "terminated"))) {
                        return s;
                    }
                    String message = ours ? s.string("state", "waiting", "message") : "";
                    if (!message.isEmpty() && !message.equals(told)) {
                        told = message;
                        session.err().println("Warning: container " + container + ": " + message);
                    }
                }
            }
            if (List.of("Succeeded", "Failed").contains(now.string("status", "phase"))) {
                throw new Failure("cannot attach a container in a completed pod; current phase is "
                        + now.string("status", "phase"));
            }
            session.environment().sleep(GLANCE);
        }
    }

    private int ended(String pod, String container) throws IOException {
        String path = HttpsClient.path(Resources.PODS, session.namespace(), pod, "log")
                + HttpsClient.query(new LinkedHashMap<>(Map.of("container", container)));
        try (InputStream in = session.connection().stream(path, "*/*")) {
            in.transferTo(session.out());
        }
        return 0;
    }
}
