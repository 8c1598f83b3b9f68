package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.apply.DryRun;
import dev.coracle.cli.kubectl.apply.LastApplied;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.describe.PodTemplate;
import dev.coracle.cli.kubectl.print.Columns;
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
import java.util.Set;
import java.util.TreeMap;

/** The revisions of a Deployment are its ReplicaSets: listing them, and going back to one. */
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

    private static TreeMap<Long, Unstructured> revisions(
            Session session, Selection.Item item, Unstructured deployment) {
        if (!item.resource().kind().equals("Deployment")) {
            throw new Failure("rollout history of a " + item.resource().kind()
                    + " is kept in ControllerRevisions, which this client does not read");
        }
        TreeMap<Long, Unstructured> revisions = new TreeMap<>();
        for (Revision r : session.client()
                .list(Resources.REPLICA_SETS, item.namespace(), ListOptions.ALL)
                .items()) {
            boolean owned = r.ownerReferences().stream()
                    .anyMatch(o -> o.controller() && o.uid().equals(deployment.uid()));
            String revision = r.object().annotations().getOrDefault(REVISION, "");
            if (owned && revision.matches("[0-9]+")) {
                revisions.put(Long.parseLong(revision), r.object());
            }
        }
        return revisions;
    }

    static void show(Session session, Selection.Item item, long revision) {
        Unstructured deployment = Rollout.get(session, item);
        TreeMap<Long, Unstructured> revisions = revisions(session, item, deployment);
        if (revision > 0) {
            Unstructured rs = revisions.get(revision);
            if (rs == null) {
                throw new Failure("unable to find the specified revision");
            }
            session.out().println(item.title() + " with revision #" + revision);
            session.out()
                    .println(PodTemplate.text(
                            rs.object("spec", "template"), rs.annotations().get(CAUSE)));
            return;
        }
        session.out().println(item.title() + " ");
        if (revisions.isEmpty()) {
            session.out().println("No rollout history found.");
            return;
        }
        Columns columns = Columns.description().row("REVISION", "CHANGE-CAUSE");
        revisions.forEach((n, rs) -> columns.row("" + n, rs.annotations().getOrDefault(CAUSE, "<none>")));
        columns.flush(session.out());
        session.out().println();
    }

    static void undo(Session session, Selection.Item item, Flags.Line line) throws IOException {
        Unstructured deployment = Rollout.get(session, item);
        TreeMap<Long, Unstructured> revisions = revisions(session, item, deployment);
        long to = line.number("to-revision", 0);
        if (deployment.bool("spec", "paused")) {
            throw new Failure("you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume"
                    + " deployment/" + item.name() + "' and try again");
        }
        Unstructured target;
        if (to != 0) {
            target = revisions.get(to);
            if (target == null) {
                throw new Failure("unable to find specified revision " + to + " in history");
            }
        } else {
            if (revisions.size() < 2) {
                throw new Failure("no rollout history found for deployment \"" + item.name() + "\"");
            }
            target = new ArrayList<>(revisions.descendingMap().values()).get(1);
        }
        String dryRun = DryRun.of(line);
        if (dryRun.equals("client")) {
            // As kubectl: what it would go back to, in full.
            String shown = PodTemplate.text(target.object("spec", "template"), null);
            session.out().println(item.title() + " " + shown + DryRun.suffix(dryRun));
            return;
        }
        Unstructured template = target.object("spec", "template").copy();
        template.remove("metadata", "labels", "pod-template-hash");
        if (template.map().equals(deployment.object("spec", "template").map())) {
            String same = "skipped rollback (current template already matches revision "
                    + target.annotations().get(REVISION) + ")";
            Told.of(session, line, deployment, item.title(), same);
            return;
        }
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
        List<Object> patch =
                List.of(operation("/spec/template", template.map()), operation("/metadata/annotations", annotations));
        Unstructured after = session.client()
                .patch(
                        item.resource().resource(),
                        item.namespace(),
                        item.name(),
                        new Patch(Patch.Type.JSON, Json.bytes(patch)),
                        new WriteOptions("", "kubectl-rollout", false, dryRun.equals("server")))
                .object();
        Told.of(session, line, after, item.title(), "rolled back" + DryRun.suffix(dryRun));
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
