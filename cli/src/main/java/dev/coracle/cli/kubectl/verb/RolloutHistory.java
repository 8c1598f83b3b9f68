package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.apply.DryRun;
import dev.coracle.cli.kubectl.apply.LastApplied;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.describe.PodTemplate;
import dev.coracle.cli.kubectl.print.Columns;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.cli.kubectl.print.Told;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The revisions of a Deployment are its ReplicaSets, those of others their ControllerRevisions: listing them, and going
 * back to one.
 */
final class RolloutHistory {
    static final String REVISION = "deployment.kubernetes.io/revision";
    private static final String CAUSE = "kubernetes.io/change-cause";
    /** Annotations that are about a ReplicaSet itself, or about the Deployment itself, and do not travel. */
    private static final Set<String> OWN = Set.of(
            LastApplied.ANNOTATION,
            REVISION,
            "deployment.kubernetes.io/revision-history",
            "deployment.kubernetes.io/desired-replicas",
            "deployment.kubernetes.io/max-replicas",
            "deprecated.deployment.rollback.to");

    private RolloutHistory() {}

    /**
     * One revision.
     *
     * @param kept the ReplicaSet, or the ControllerRevision
     * @param shown what {@code -o} shows of it
     */
    private record Past(Unstructured kept, Unstructured shown) {
        Unstructured template() {
            return shown.object("spec", "template");
        }

        @Nullable
        String cause() {
            return kept.annotations().get(CAUSE);
        }
    }

    private static TreeMap<Long, Past> revisions(Session session, Selection.Item item, Unstructured owner) {
        boolean deployment = item.resource().kind().equals("Deployment");
        TreeMap<Long, Past> revisions = new TreeMap<>();
        for (Revision r : session.client()
                .list(
                        deployment ? Resources.REPLICA_SETS : Resources.CONTROLLER_REVISIONS,
                        item.namespace(),
                        ListOptions.ALL)
                .items()) {
            boolean owned = r.ownerReferences().stream()
                    .anyMatch(o -> o.controller() && o.uid().equals(owner.uid()));
            Unstructured kept = r.object();
            String revision =
                    deployment ? kept.annotations().getOrDefault(REVISION, "") : "" + kept.integer(0, "revision");
            if (owned && revision.matches("[0-9]{1,18}")) {
                revisions.put(Long.parseLong(revision), new Past(kept, deployment ? kept : applied(owner, kept)));
            }
        }
        return revisions;
    }

    /** What the owner was at a revision: the revision keeps a patch that replaces the template. */
    private static Unstructured applied(Unstructured owner, Unstructured revision) {
        Unstructured template =
                revision.object("data", "spec", "template").copy().remove("$patch");
        return owner.copy().set(template.map(), "spec", "template");
    }

    static void show(Session session, Flags.Line line, Selection.Item item) throws IOException {
        long revision = line.number("revision", 0);
        Unstructured owner = Rollout.get(session, item);
        TreeMap<Long, Past> revisions = revisions(session, item, owner);
        Past past = revisions.get(revision);
        if (revision > 0 && past == null) {
            throw new Failure("unable to find the specified revision");
        }
        if (!ObjectPrinter.format(line).isEmpty()) {
            ObjectPrinter printer = ObjectPrinter.of(line);
            // As kubectl: a template without -o is one of the workload.
            List<Unstructured> shown = line.get("output").isEmpty()
                    ? List.of(owner)
                    : past != null
                            ? List.of(past.shown)
                            : revisions.values().stream().map(Past::shown).toList();
            for (Unstructured one : shown) {
                printer.print(session, List.of(one), true);
            }
            return;
        }
        if (past != null) {
            session.out().println(item.title() + " with revision #" + revision);
            boolean deployment = item.resource().kind().equals("Deployment");
            session.out().println(PodTemplate.text(past.template(), deployment ? past.cause() : null));
            return;
        }
        session.out().println(item.title() + " ");
        if (revisions.isEmpty()) {
            session.out().println("No rollout history found.");
            return;
        }
        Columns columns = Columns.description().row("REVISION", "CHANGE-CAUSE");
        revisions.forEach((n, p) -> columns.row("" + n, Objects.requireNonNullElse(p.cause(), "<none>")));
        columns.flush(session.out());
        session.out().println();
    }

    /** The revision that was asked for, or else the last one before. */
    private static Past target(Selection.Item item, Flags.Line line, TreeMap<Long, Past> revisions) {
        long to = line.number("to-revision", 0);
        Past asked = revisions.get(to);
        if (asked != null) {
            return asked;
        }
        if (to != 0) {
            throw new Failure("unable to find specified revision " + to + " in history");
        }
        if (revisions.size() < 2) {
            throw new Failure(
                    item.resource().kind().equals("Deployment")
                            ? "no rollout history found for deployment \"" + item.name() + "\""
                            : "no last revision to roll back to");
        }
        return new ArrayList<>(revisions.descendingMap().values()).get(1);
    }

    static void undo(Session session, Selection.Item item, Flags.Line line) throws IOException {
        Unstructured owner = Rollout.get(session, item);
        boolean deployment = item.resource().kind().equals("Deployment");
        TreeMap<Long, Past> revisions = revisions(session, item, owner);
        if (owner.bool("spec", "paused")) {
            throw new Failure("you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume"
                    + " deployment/" + item.name() + "' and try again");
        }
        Past target = target(item, line, revisions);
        String dryRun = DryRun.of(line);
        if (dryRun.equals("client")) {
            // As kubectl: what it would go back to, in full.
            String shown = (deployment ? "" : "will roll back to ") + PodTemplate.text(target.template(), null);
            session.out().println(item.title() + " " + shown + DryRun.suffix(dryRun));
            return;
        }
        Unstructured template = target.template().copy();
        template.remove("metadata", "labels", "pod-template-hash");
        if (template.map().equals(owner.object("spec", "template").map())) {
            String revision = deployment
                    ? target.kept.annotations().getOrDefault(REVISION, "")
                    : "" + line.number("to-revision", 0);
            String same = "skipped rollback (current template already matches revision " + revision + ")";
            Told.of(session, line, owner, item.title(), same);
            return;
        }
        Patch patch = deployment
                ? new Patch(Patch.Type.JSON, Json.bytes(deploymentPatch(owner, target.kept, template)))
                : Patch.strategic(target.kept.object("data"));
        Unstructured after = session.client()
                .patch(
                        item.resource().resource(),
                        item.namespace(),
                        item.name(),
                        patch,
                        new WriteOptions("", "kubectl-rollout", false, dryRun.equals("server")))
                .object();
        Told.of(session, line, after, item.title(), "rolled back" + DryRun.suffix(dryRun));
    }

    /** The template, and the annotations that belong to it. */
    private static List<Object> deploymentPatch(Unstructured deployment, Unstructured target, Unstructured template) {
        Map<String, Object> annotations = new LinkedHashMap<>();
        deployment.annotations().forEach((k, v) -> {
            if (OWN.contains(k)) {
                annotations.put(k, v);
            }
        });
        target.annotations().forEach((k, v) -> {
            if (!OWN.contains(k)) {
                annotations.put(k, v);
            }
        });
        return List.of(operation("/spec/template", template.map()), operation("/metadata/annotations", annotations));
    }

    private static Map<String, Object> operation(String path, Object value) {
        Map<String, Object> operation = new LinkedHashMap<>();
        // Unlike "replace", it also makes what is not there.
        operation.put("op", "add");
        operation.put("path", path);
        operation.put("value", value);
        return operation;
    }
}
