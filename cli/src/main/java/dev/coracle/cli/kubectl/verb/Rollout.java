package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.Told;
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
        return Flags.of(
                        "selector,l",
                        "watch,w!",
                        "timeout~",
                        "revision#",
                        "to-revision#",
                        "dry-run?client",
                        "output,o",
                        "template",
                        "show-managed-fields!")
                .and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException, InterruptedException {
        String what = line.arguments().getFirst();
        List<String> rest = line.arguments().subList(1, line.arguments().size());
        if (rest.isEmpty() && !line.has("filename") && !line.has("kustomize")) {
            throw new Failure("required resource not specified");
        }
        if (line.number("revision", 0) < 0) {
            throw new Failure("revision must be a positive integer: " + line.get("revision"));
        }
        var items = Selection.of(session, new Catalog(session), line, rest, "", true);
        if (items.isEmpty() && what.equals("status")) {
            session.err().println("No resources found in " + session.namespace() + " namespace.");
        } else if (items.isEmpty() && Set.of("pause", "restart", "resume").contains(what)) {
            session.err().println("No resources found in " + session.namespace() + " namespace.");
            return 1;
        }
        int code = 0;
        for (Selection.Item item : items) {
            if (!WORKLOADS.contains(item.resource().resource().resource())) {
                String kind = item.resource().kind();
                get(session, item);
                throw switch (what) {
                    case "status" -> new Failure("no status viewer has been implemented for " + kind);
                    case "history" -> new Failure("no history viewer has been implemented for \"" + kind + "\"");
                    case "undo" -> new Failure("no rollbacker has been implemented for \"" + kind + "\"");
                    case "pause" -> refused(item, "pausing is not supported");
                    case "resume" -> refused(item, "resuming is not supported");
                    default -> refused(item, "restarting is not supported");
                };
            }
            code = Math.max(code, one(session, line, what, item));
        }
        return code;
    }

    private static int one(Session session, Flags.Line line, String what, Selection.Item item)
            throws IOException, InterruptedException {
        switch (what) {
            case "status" -> {
                return new RolloutStatus(session, line).run(item);
            }
            case "history" -> RolloutHistory.show(session, line, item);
            case "undo" -> RolloutHistory.undo(session, item, line);
            case "restart" -> {
                Unstructured now = get(session, item);
                if (now.bool("spec", "paused")) {
                    throw refused(item, "can't restart paused deployment (run rollout resume first)");
                }
                String at = Timestamps.format(session.environment().clock().now());
                String[] where = {"spec", "template", "metadata", "annotations", RESTARTED};
                if (now.string(where).equals(at)) {
                    throw new Failure("failed to create patch for " + item.name() + ": if restart has already been"
                            + " triggered within the past second, please wait before attempting to trigger another");
                }
                Unstructured after =
                        patch(session, item, new Unstructured(new LinkedHashMap<>()).set(at, where), "kubectl-rollout");
                Told.of(session, line, after, item.title(), "restarted");
            }
            case "pause", "resume" -> pause(session, line, item, what.equals("pause"));
            default -> throw new Failure("unknown command \"" + what + "\" for \"kubectl rollout\"");
        }
        return 0;
    }

    private static void pause(Session session, Flags.Line line, Selection.Item item, boolean pause) throws IOException {
        if (!item.resource().kind().equals("Deployment")) {
            throw refused(item, "pausing is not supported");
        }
        if (get(session, item).bool("spec", "paused") == pause) {
            throw refused(item, pause ? "is already paused" : "is not paused");
        }
        Unstructured after = patch(
                session,
                item,
                new Unstructured(new LinkedHashMap<>())
                        .set(
                                new LinkedHashMap<>(java.util.Collections.singletonMap("paused", pause ? true : null)),
                                "spec"),
                "kubectl-rollout");
        Told.of(session, line, after, item.title(), pause ? "paused" : "resumed");
    }

    private static Failure refused(Selection.Item item, String why) {
        return new Failure(item.resource().resource().groupResource() + " \"" + item.name() + "\" " + why);
    }

    static Unstructured get(Session session, Selection.Item item) {
        return session.client()
                .get(item.resource().resource(), item.namespace(), item.name())
                .object();
    }

    private static Unstructured patch(Session session, Selection.Item item, Unstructured patch, String manager) {
        return session.client()
                .patch(
                        item.resource().resource(),
                        item.namespace(),
                        item.name(),
                        Patch.strategic(patch),
                        WriteOptions.DEFAULT.as(manager))
                .object();
    }
}
