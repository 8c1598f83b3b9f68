package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.apply.DryRun;
import dev.coracle.cli.kubectl.base.Durations;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.Told;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubectl scale}. */
public final class Scale implements Verb {
    private static final Duration GLANCE = Duration.ofMillis(100);

    @Override
    public Flags flags() {
        return Flags.of(
                        "replicas#",
                        "current-replicas#",
                        "resource-version",
                        "selector,l",
                        "all!",
                        "timeout~",
                        "dry-run?client",
                        "output,o",
                        "template",
                        "show-managed-fields!")
                .and(Manifests.FLAGS);
    }

    /** An object, and its item. */
    private record Scaled(Selection.Item item, Unstructured object) {}

    @Override
    public int run(Session session, Flags.Line line) throws IOException, InterruptedException {
        if (!line.has("replicas")) {
            throw new Failure("required flag(s) \"replicas\" not set");
        }
        long replicas = line.number("replicas", -1);
        if (replicas < 0) {
            throw new Failure("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0");
        }
        String dryRun = DryRun.of(line);
        List<Scaled> found = new ArrayList<>();
        StatusException missing = null;
        for (Selection.Item item : Selection.of(session, new Catalog(session), line, "")) {
            try {
                found.add(new Scaled(item, Rollout.get(session, item)));
            } catch (StatusException e) {
                missing = e;
            }
        }
        if (found.isEmpty()) {
            throw new Failure("no objects passed to scale" + (missing == null ? "" : " " + missing.getMessage()));
        }
        for (Scaled s : found) {
            if (!dryRun.equals("client")) {
                scale(session, line, s.item(), replicas, dryRun.equals("server"));
            }
            Told.of(session, line, s.object(), s.item().title(), "scaled" + DryRun.suffix(dryRun));
        }
        if (missing != null) {
            throw missing;
        }
        return 0;
    }

    private static void scale(Session session, Flags.Line line, Selection.Item item, long replicas, boolean dry)
            throws InterruptedException {
        String path = RestClient.path(item.resource().resource(), item.namespace(), item.name(), "scale");
        Unstructured patch = new Unstructured(new LinkedHashMap<>()).set(replicas, "spec", "replicas");
        if (line.has("current-replicas") || line.has("resource-version")) {
            Unstructured now = session.get(path, Map.of());
            long expected = line.number("current-replicas", -1);
            long current = now.integer(0, "spec", "replicas");
            if (expected >= 0 && current != expected) {
                throw new Failure("Expected replicas to be " + expected + ", was " + current);
            }
            String version = line.get("resource-version");
            if (!version.isEmpty() && !version.equals(now.resourceVersion())) {
                throw new Failure("Expected resource version to be " + version + ", was " + now.resourceVersion());
            }
            patch.set(now.resourceVersion(), "metadata", "resourceVersion");
        }
        session.connection()
                .exchange(
                        "PATCH",
                        path + RestClient.query(Map.of("dryRun", dry ? "All" : "")),
                        Session.JSON,
                        "application/merge-patch+json",
                        patch.json());
        Duration limit = Durations.parse(line.get("timeout", "0s"));
        if (limit.isPositive() && !dry) {
            await(session, item.name(), path, limit);
        }
    }

    /** Until there are as many as are wanted. */
    private static void await(Session session, String name, String path, Duration limit) throws InterruptedException {
        long began = session.environment().clock().nanos();
        while (true) {
            Unstructured now = session.get(path, Map.of());
            if (now.integer(0, "spec", "replicas") == now.integer(0, "status", "replicas")) {
                return;
            }
            if (session.environment().clock().elapsed(began).compareTo(limit) >= 0) {
                throw new Failure("timed out waiting for \"" + name + "\" to be synced");
            }
            session.environment().sleep(GLANCE);
        }
    }
}
