package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/** {@code kubectl rollout status|history|undo|restart|pause|resume}. */
public final class Rollout implements Verb {
    private static final Set<String> WORKLOADS = Set.of("deployments", "daemonsets", "statefulsets");
    private static final String RESTARTED = "kubectl.kubernetes.io/restartedAt";

    @Override
    public Flags flags() {
        return Flags.of("selector,l", "watch,w!", "timeout", "revision", "to-revision", "dry-run?client", "output,o")
                .and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException, InterruptedException {
        if (line.arguments().isEmpty()) {
            throw new Failure("rollout: one of history, pause, restart, resume, status, undo is required");
        }
        String what = line.arguments().getFirst();
        List<String> rest = line.arguments().subList(1, line.arguments().size());
        if (rest.isEmpty() && !line.has("filename") && !line.has("kustomize")) {
            throw new Failure("required resource not specified");
        }
        var items = Selection.of(session, new Catalog(session), line, rest, "");
        int code = 0;
        for (Selection.Item item : items) {
            if (!WORKLOADS.contains(item.resource().resource().resource())) {
                throw new Failure("no " + role(what) + " has been implemented for \""
                        + item.resource().kind() + "\"");
            }
            code = Math.max(code, one(session, line, what, item));
        }
        return code;
    }

    private static String role(String what) {
        return switch (what) {
            case "status" -> "status viewer";
            case "history" -> "history viewer";
            case "undo" -> "rollbacker";
            default -> what + "r";
        };
    }

    private static int one(Session session, Flags.Line line, String what, Selection.Item item)
            throws InterruptedException {
        switch (what) {
            case "status" -> {
                return new RolloutStatus(session, line).run(item);
            }
            case "history" -> RolloutHistory.show(session, item, line.number("revision", 0));
            case "undo" -> say(session, item, RolloutHistory.undo(session, item, line));
            case "restart" -> {
                Unstructured now = get(session, item);
                if (now.bool("spec", "paused")) {
                    throw refused(item, "can't restart paused deployment (run rollout resume first)");
                }
                patch(
                        session,
                        item,
                        new Unstructured(new LinkedHashMap<>())
                                .set(
                                        Timestamps.format(
                                                session.environment().clock().now()),
                                        "spec",
                                        "template",
                                        "metadata",
                                        "annotations",
                                        RESTARTED),
                        "kubectl-rollout");
                say(session, item, "restarted");
            }
            case "pause", "resume" -> pause(session, item, what.equals("pause"));
            default -> throw new Failure("unknown command \"" + what + "\" for \"kubectl rollout\"");
        }
        return 0;
    }

    private static void pause(Session session, Selection.Item item, boolean pause) {
        if (!item.resource().kind().equals("Deployment")) {
            throw refused(item, "pausing is not supported");
        }
        if (get(session, item).bool("spec", "paused") == pause) {
            throw refused(item, pause ? "is already paused" : "is not paused");
        }
        patch(
                session,
                item,
                new Unstructured(new LinkedHashMap<>())
                        .set(
                                new LinkedHashMap<>(java.util.Collections.singletonMap("paused", pause ? true : null)),
                                "spec"),
                "kubectl-rollout");
        say(session, item, pause ? "paused" : "resumed");
    }

    private static Failure refused(Selection.Item item, String why) {
        return new Failure(item.resource().resource().groupResource() + " \"" + item.name() + "\" " + why);
    }

    static Unstructured get(Session session, Selection.Item item) {
        return session.client()
                .get(item.resource().resource(), item.namespace(), item.name())
                .object();
    }

    private static void patch(Session session, Selection.Item item, Unstructured patch, String manager) {
        session.client()
                .patch(
                        item.resource().resource(),
                        item.namespace(),
                        item.name(),
                        Patch.strategic(patch),
                        WriteOptions.DEFAULT.as(manager));
    }

    private static void say(Session session, Selection.Item item, String word) {
        session.out().println(item.title() + " " + word);
    }
}
