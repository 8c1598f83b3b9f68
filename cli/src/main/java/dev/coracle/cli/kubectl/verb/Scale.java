package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code kubectl scale}. */
public final class Scale implements Verb {
    @Override
    public Flags flags() {
        return Flags.of("replicas", "current-replicas", "resource-version", "selector,l", "all!", "output,o")
                .and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        if (!line.has("replicas")) {
            throw new Failure("required flag(s) \"replicas\" not set");
        }
        long replicas = line.number("replicas", -1);
        if (replicas < 0) {
            throw new Failure("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0");
        }
        Catalog catalog = new Catalog(session);
        for (Selection.Item item : Selection.of(session, catalog, line, "")) {
            var r = item.resource().resource();
            String path = RestClient.path(r, item.namespace(), item.name(), "scale");
            Unstructured patch = new Unstructured(new LinkedHashMap<>()).set(replicas, "spec", "replicas");
            if (line.has("current-replicas")) {
                Unstructured now = session.get(path, Map.of());
                long current = now.integer(0, "spec", "replicas");
                if (current != line.number("current-replicas", -1)) {
                    throw new Failure("Expected replicas to be " + line.get("current-replicas") + ", was " + current);
                }
                patch.set(now.resourceVersion(), "metadata", "resourceVersion");
            }
            if (line.has("resource-version")) {
                patch.set(line.get("resource-version"), "metadata", "resourceVersion");
            }
            try {
                session.connection()
                        .exchange("PATCH", path, Session.JSON, "application/merge-patch+json", patch.json());
            } catch (StatusException e) {
                throw e.isNotFound() ? new Failure("no objects passed to scale " + e.getMessage()) : e;
            }
            session.out()
                    .println(item.resource().qualified() + "/" + item.name()
                            + (line.get("output").equals("name") ? "" : " scaled"));
        }
        return 0;
    }
}
