package dev.coracle.cli.kubectl.stream;

import dev.coracle.cli.kubectl.base.Durations;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Targets;
import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubectl logs}. */
public final class Logs implements Verb {
    /** Of one container. */
    private record Source(String pod, String container) {}

    @Override
    public Flags flags() {
        return Flags.of(
                "container,c",
                "follow,f!",
                "previous,p!",
                "tail#",
                "since~",
                "since-time",
                "timestamps!",
                "limit-bytes",
                "all-containers!",
                "all-pods!",
                "prefix!",
                "selector,l",
                "max-log-requests#",
                "ignore-errors!");
    }

    @Override
    public int run(Session session, Flags.Line line) throws InterruptedException {
        List<Unstructured> pods = pods(session, line);
        List<Source> sources = new ArrayList<>();
        for (Unstructured pod : pods) {
            List<String> containers = line.on("all-containers")
                    ? Pods.containers(pod)
                    : List.of(Pods.container(session, pod, container(line)));
            containers.forEach(c -> sources.add(new Source(pod.name(), c)));
        }
        if (sources.isEmpty()) {
            session.err().println("No resources found in " + session.namespace() + " namespace.");
            return 0;
        }
        boolean prefix = line.on("prefix");
        if (!line.on("follow") || sources.size() == 1) {
            for (Source s : sources) {
                copy(session, line, s, prefix);
            }
            return 0;
        }
        long limit = line.number("max-log-requests", 5);
        if (sources.size() > limit) {
            throw new Failure("you are attempting to follow " + sources.size()
                    + " log streams, but maximum allowed concurrency is " + limit
                    + ", use --max-log-requests to increase the limit");
        }
        List<Tasks.Task> tasks = new ArrayList<>();
        for (Source s : sources) {
            tasks.add(session.environment().tasks().start("logs-" + s.pod(), () -> copy(session, line, s, prefix)));
        }
        for (Tasks.Task t : tasks) {
            t.join(Duration.ofDays(365));
        }
        return 0;
    }

    /** {@code -c C}, or the old {@code logs POD C}. */
    private static String container(Flags.Line line) {
        return line.has("container") || line.arguments().size() < 2
                ? line.get("container")
                : line.arguments().get(1);
    }

    private static List<Unstructured> pods(Session session, Flags.Line line) {
        List<String> arguments = line.arguments();
        if (line.has("selector")) {
            if (!arguments.isEmpty()) {
                throw new Failure("only a selector (-l) or a POD name is allowed");
            }
            return Pods.selected(session, line.get("selector"));
        }
        if (arguments.isEmpty()) {
            throw new Failure(
                    "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required"
                            + " argument for the logs command\nSee 'kubectl logs -h' for help and examples");
        }
        String first = arguments.getFirst();
        if (!first.contains("/")) {
            try {
                return List.of(Pods.pod(session, first));
            } catch (StatusException e) {
                throw e.isNotFound()
                        ? new Failure("error from server (NotFound): " + e.getMessage() + " in namespace \""
                                + session.namespace() + "\"")
                        : e;
            }
        }
        Targets.Target t = Targets.single(new Catalog(session), List.of(first), "pods");
        if (t.resource().resource().equals(Resources.PODS)) {
            return List.of(Pods.pod(session, t.name()));
        }
        Unstructured owner = session.client()
                .get(t.resource().resource(), t.resource().scope(session.namespace()), t.name())
                .object();
        List<Unstructured> all = Pods.selected(session, Pods.selector(owner));
        if (line.on("all-pods")) {
            return all;
        }
        Unstructured chosen = Pods.find(session, first);
        if (all.size() > 1) {
            session.err().println("Found " + all.size() + " pods, using pod/" + chosen.name());
        }
        return List.of(chosen);
    }

    private static void copy(Session session, Flags.Line line, Source source, boolean prefix) {
        String path = RestClient.path(Resources.PODS, session.namespace(), source.pod(), "log")
                + RestClient.query(query(line, source.container()));
        try (InputStream in = session.connection().stream(path, "*/*")) {
            if (prefix) {
                var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
                for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                    String whole = "[pod/" + source.pod() + "/" + source.container() + "] " + text;
                    synchronized (session) {
                        session.out().println(whole);
                        session.out().flush();
                    }
                }
                return;
            }
            byte[] piece = new byte[8192];
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                synchronized (session) {
                    session.out().write(piece, 0, n);
                    session.out().flush();
                }
            }
        } catch (IOException e) {
            if (!line.on("ignore-errors")) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Map<String, String> query(Flags.Line line, String container) {
        Map<String, String> q = new LinkedHashMap<>();
        q.put("container", container);
        q.put("follow", line.on("follow") ? "true" : "");
        q.put("previous", line.on("previous") ? "true" : "");
        q.put("timestamps", line.on("timestamps") ? "true" : "");
        // As kubectl: of many pods the last ten lines each, unless told.
        long tail = line.number("tail", line.has("selector") ? 10 : -1);
        q.put("tailLines", tail < 0 ? "" : "" + tail);
        q.put("limitBytes", line.get("limit-bytes"));
        if (line.has("since")) {
            q.put(
                    "sinceSeconds",
                    "" + Math.max(1, Durations.parse(line.get("since")).toSeconds()));
        }
        q.put("sinceTime", line.get("since-time"));
        return q;
    }
}
