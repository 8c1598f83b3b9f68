package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.apply.DryRun;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubectl label} and {@code kubectl annotate}: {@code KEY=VALUE} sets, {@code KEY-} removes. */
public final class Mark implements Verb {
    private final String field;

    /** @param field {@code labels} or {@code annotations} */
    public Mark(String field) {
        this.field = field;
    }

    @Override
    public Flags flags() {
        return Flags.of(
                        "overwrite!",
                        "list!",
                        "all!",
                        "selector,l",
                        "all-namespaces,A!",
                        "resource-version",
                        "dry-run?client",
                        "output,o")
                .and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        List<String> resources = new ArrayList<>();
        Map<String, Object> changes = new LinkedHashMap<>();
        for (String a : line.arguments()) {
            int equals = a.indexOf('=');
            if (equals > 0) {
                changes.put(a.substring(0, equals), a.substring(equals + 1));
            } else if (a.length() > 1 && a.endsWith("-")) {
                changes.put(a.substring(0, a.length() - 1), null);
            } else if (changes.isEmpty()) {
                resources.add(a);
            } else {
                throw new Failure("all resources must be specified before " + word() + " changes: " + a);
            }
        }
        if (changes.isEmpty() && !line.on("list")) {
            throw new Failure("at least one " + word() + " update is required");
        }
        String dryRun = DryRun.of(line);
        int code = 0;
        for (Selection.Item item : Selection.of(session, new Catalog(session), line, resources, "")) {
            Unstructured now = Rollout.get(session, item);
            if (line.on("list")) {
                now.strings("metadata", field).forEach((k, v) -> session.out().println(k + "=" + v));
                continue;
            }
            String said = one(session, line, item, now, changes, dryRun);
            session.out().println(item.title() + " " + said + DryRun.suffix(dryRun));
        }
        return code;
    }

    private String word() {
        return field.equals("labels") ? "label" : "annotation";
    }

    private String one(
            Session session,
            Flags.Line line,
            Selection.Item item,
            Unstructured now,
            Map<String, Object> changes,
            String dryRun) {
        Map<String, String> before = now.strings("metadata", field);
        boolean labels = field.equals("labels");
        boolean set = false;
        boolean removed = false;
        List<String> kept = new ArrayList<>();
        for (var e : changes.entrySet()) {
            String old = before.get(e.getKey());
            if (e.getValue() == null) {
                removed |= old != null;
                if (old == null && labels) {
                    session.out().println("label \"" + e.getKey() + "\" not found.");
                }
            } else if (old == null) {
                set = true;
            } else if (!old.equals(e.getValue())) {
                set = true;
                kept.add("'" + e.getKey() + "' already has a value (" + old + ")");
            }
        }
        if (!kept.isEmpty() && !line.on("overwrite")) {
            throw new Failure(
                    labels
                            ? kept.getFirst() + ", and --overwrite is false"
                            : "--overwrite is false but found the following declared annotation(s): "
                                    + String.join("; ", kept));
        }
        if ((set || removed) && !dryRun.equals("client")) {
            Unstructured patch = new Unstructured(new LinkedHashMap<>()).set(changes, "metadata", field);
            if (line.has("resource-version")) {
                patch.set(line.get("resource-version"), "metadata", "resourceVersion");
            }
            session.client()
                    .patch(
                            item.resource().resource(),
                            item.namespace(),
                            item.name(),
                            Patch.merge(patch),
                            new WriteOptions(
                                    "", labels ? "kubectl-label" : "kubectl-annotate", false, dryRun.equals("server")));
        }
        if (!labels) {
            return "annotated";
        }
        return removed ? "unlabeled" : set ? "labeled" : "not labeled";
    }
}
