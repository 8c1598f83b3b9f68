package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.apply.DryRun;
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
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubectl label} and {@code kubectl annotate}: {@code KEY=VALUE} sets, {@code KEY-} removes. */
public final class Mark implements Verb {
    private static final String LABEL =
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start"
                    + " and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used"
                    + " for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

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
                        "field-selector",
                        "all-namespaces,A!",
                        "resource-version",
                        "dry-run?client",
                        "output,o",
                        "template",
                        "field-manager",
                        "show-managed-fields!")
                .and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        List<String> resources = new ArrayList<>();
        Map<String, Object> changes = new LinkedHashMap<>();
        List<String> both = new ArrayList<>();
        for (String a : line.arguments()) {
            int equals = a.indexOf('=');
            boolean removes = equals <= 0 && a.length() > 1 && a.endsWith("-");
            String key = equals > 0 ? a.substring(0, equals) : a.substring(0, Math.max(0, a.length() - 1));
            if ((equals > 0 || removes) && changes.containsKey(key) && (changes.get(key) == null) != removes) {
                both.add(key);
            }
            if (equals > 0) {
                changes.put(a.substring(0, equals), a.substring(equals + 1));
            } else if (removes) {
                changes.put(key, null);
            } else if (changes.isEmpty()) {
                resources.add(a);
            } else {
                throw new Failure("all resources must be specified before " + word() + " changes: " + a);
            }
        }
        check(line, resources, changes, both);
        String dryRun = DryRun.of(line);
        for (Selection.Item item : Selection.of(session, new Catalog(session), line, resources, "")) {
            Unstructured now = Rollout.get(session, item);
            if (line.on("list")) {
                now.strings("metadata", field).entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue())
                        .sorted()
                        .forEach(session.out()::println);
                continue;
            }
            one(session, line, item, now, changes, dryRun);
        }
        return 0;
    }

    private void check(Flags.Line line, List<String> resources, Map<String, Object> changes, List<String> both) {
        for (String selector : List.of("selector", "field-selector")) {
            if (line.on("all") && line.has(selector)) {
                throw new Failure("cannot set --all and --" + selector + " at the same time");
            }
        }
        if (resources.isEmpty() && !line.has("filename") && !line.has("kustomize")) {
            throw new Failure("one or more resources must be specified as <resource> <name> or <resource>/<name>");
        }
        if (changes.isEmpty() && !line.on("list")) {
            throw new Failure("at least one " + word() + " update is required");
        }
        boolean labels = field.equals("labels");
        if (!both.isEmpty()) {
            throw new Failure(
                    labels
                            ? "can not both modify and remove a label in the same command"
                            : "can not both modify and remove the following annotation(s) in the same command: "
                                    + String.join(", ", both));
        }
        changes.forEach((key, value) -> {
            if (labels
                    && value instanceof String text
                    && !text.matches("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")) {
                throw new Failure("invalid label value: \"" + key + "=" + text + "\": " + LABEL);
            }
        });
    }

    private String word() {
        return field.equals("labels") ? "label" : "annotation";
    }

    private void one(
            Session session,
            Flags.Line line,
            Selection.Item item,
            Unstructured now,
            Map<String, Object> changes,
            String dryRun)
            throws IOException {
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
        Unstructured result = now.copy();
        changes.forEach((key, value) -> {
            if (value == null) {
                result.remove("metadata", field, key);
            } else {
                result.set(value, "metadata", field, key);
            }
        });
        Unstructured shown = result;
        if ((set || removed || line.has("resource-version")) && !dryRun.equals("client")) {
            Unstructured patch = new Unstructured(new LinkedHashMap<>()).set(changes, "metadata", field);
            if (line.has("resource-version")) {
                patch.set(line.get("resource-version"), "metadata", "resourceVersion");
            }
            String manager = labels ? "kubectl-label" : "kubectl-annotate";
            shown = session.client()
                    .patch(
                            item.resource().resource(),
                            item.namespace(),
                            item.name(),
                            Patch.merge(patch),
                            new WriteOptions("", line.get("field-manager", manager), false, dryRun.equals("server")))
                    .object();
        }
        String done = !labels ? "annotated" : removed ? "unlabeled" : set ? "labeled" : "not labeled";
        Told.of(session, line, shown, item.title(), done + DryRun.suffix(dryRun));
    }
}
