package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.apply.DryRun;
import dev.coracle.cli.kubectl.base.Durations;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code kubectl drain}: cordons nodes, then evicts what runs there, as far as disruption budgets let it. */
public final class Drain implements Verb {
    private static final String MIRROR = "kubernetes.io/config.mirror";

    /** What is to become of a pod. */
    private sealed interface Fate {
        /** @param warning {@code ""} for none */
        record Goes(String warning) implements Fate {}

        record Stays(String warning) implements Fate {}

        /** Nothing on the node is touched. */
        record Forbids(String why) implements Fate {}
    }

    /** @param going of a node's pods, those to evict */
    private record Plan(
            List<Unstructured> going, Map<String, List<String>> warnings, Map<String, List<String>> errors) {}

    @Override
    public Flags flags() {
        return Flags.of(
                "force!",
                "ignore-daemonsets!",
                "delete-emptydir-data!",
                "grace-period#",
                "timeout~",
                "selector,l",
                "pod-selector",
                "disable-eviction!",
                "dry-run?client");
    }

    @Override
    public int run(Session session, Flags.Line line) throws InterruptedException {
        String dryRun = DryRun.of(line);
        if (dryRun.equals("server")) {
            // An eviction that is only tried must not be carried out by a server that does not know the difference.
            throw new Failure("--dry-run=server is not supported for drain by this client");
        }
        Evictions evictions = new Evictions(
                session,
                line.number("grace-period", -1),
                Durations.parse(line.get("timeout", "0s")),
                line.on("disable-eviction"));
        List<Unstructured> nodes = Nodes.of(session, line, "drain");
        Cordon.set(session, nodes, true, dryRun);
        Map<String, String> failed = new LinkedHashMap<>();
        for (Unstructured node : nodes) {
            List<String> errors = drain(session, line, node.name(), dryRun, evictions);
            if (errors.isEmpty()) {
                session.out().println("node/" + node.name() + " drained" + DryRun.suffix(dryRun));
                continue;
            }
            String error = errors.size() == 1 ? errors.getFirst() : "[" + String.join(", ", errors) + "]";
            failed.put(node.name(), error);
            session.out().flush();
            session.err()
                    .println("error: unable to drain node \"" + node.name() + "\" due to error: " + error
                            + ", continuing command...");
        }
        if (!failed.isEmpty()) {
            session.err().println("There are pending nodes to be drained:");
            failed.keySet().forEach(n -> session.err().println(" " + n));
            throw Failure.plain(String.join("\n", failed.values()), 1);
        }
        return 0;
    }

    private static List<String> drain(Session session, Flags.Line line, String node, String dryRun, Evictions evictions)
            throws InterruptedException {
        Plan plan = plan(session, line, node);
        List<String> errors = plan.errors().entrySet().stream()
                .map(e -> (e.getKey().startsWith("cannot delete") ? "" : "cannot delete ") + said(e))
                .toList();
        if (!errors.isEmpty()) {
            return errors;
        }
        if (!plan.warnings().isEmpty()) {
            session.err()
                    .println("Warning: "
                            + plan.warnings().entrySet().stream()
                                    .map(Drain::said)
                                    .collect(Collectors.joining("; ")));
        }
        if (dryRun.equals("client")) {
            plan.going()
                    .forEach(p ->
                            session.out().println("evicting pod " + p.namespace() + "/" + p.name() + " (dry run)"));
            return List.of();
        }
        List<String> failures = evictions.run(plan.going());
        if (!failures.isEmpty()) {
            List<Unstructured> left = plan(session, line, node).going();
            String why = failures.size() == 1 ? failures.getFirst() : "[" + String.join(", ", failures) + "]";
            if (!left.isEmpty()) {
                session.err().println("There are pending pods in node \"" + node + "\" when an error occurred: " + why);
                left.forEach(p -> session.err().println("pod/" + p.name()));
            }
        }
        return failures;
    }

    private static String said(Map.Entry<String, List<String>> pods) {
        return pods.getKey() + ": " + String.join(", ", pods.getValue());
    }

    private static Plan plan(Session session, Flags.Line line, String node) {
        Plan plan = new Plan(new ArrayList<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
        ListOptions which = new ListOptions(line.get("pod-selector"), "spec.nodeName=" + node, "", 0, "", false);
        for (Revision r : session.client().list(Resources.PODS, "", which).items()) {
            Unstructured pod = r.object();
            String title = pod.namespace() + "/" + pod.name();
            switch (fate(session, line, pod)) {
                case Fate.Goes g -> {
                    plan.going().add(pod);
                    note(plan.warnings(), g.warning(), title);
                }
                case Fate.Stays s -> note(plan.warnings(), s.warning(), title);
                case Fate.Forbids f -> note(plan.errors(), f.why(), title);
            }
        }
        return plan;
    }

    private static void note(Map<String, List<String>> notes, String note, String pod) {
        if (!note.isEmpty()) {
            notes.computeIfAbsent(note, n -> new ArrayList<>()).add(pod);
        }
    }

    /** Upstream's filters, one after the other: the first that holds a pod back has the word. */
    private static Fate fate(Session session, Flags.Line line, Unstructured pod) {
        boolean finished = List.of("Succeeded", "Failed").contains(pod.string("status", "phase"));
        boolean force = line.on("force");
        OwnerReference owner = pod.controllerOf().orElse(null);
        if (owner != null && owner.kind().equals("DaemonSet") && !finished) {
            try {
                session.client().get(Resources.DAEMON_SETS, pod.namespace(), owner.name());
            } catch (StatusException e) {
                String why = String.valueOf(e.getMessage());
                return e.isNotFound() && force ? new Fate.Goes(why) : new Fate.Forbids(why);
            }
            return line.on("ignore-daemonsets")
                    ? new Fate.Stays("ignoring DaemonSet-managed Pods")
                    : new Fate.Forbids("cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)");
        }
        if (pod.annotations().containsKey(MIRROR)) {
            return new Fate.Stays("");
        }
        boolean local = pod.objects("spec", "volumes").stream().anyMatch(v -> v.has("emptyDir"));
        if (!finished && local && !line.on("delete-emptydir-data")) {
            return new Fate.Forbids("cannot delete Pods with local storage (use --delete-emptydir-data to override)");
        }
        if (!finished && owner == null) {
            return force
                    ? new Fate.Goes("deleting Pods that declare no controller")
                    : new Fate.Forbids("cannot delete Pods that declare no controller (use --force to override)");
        }
        // As kubectl: nothing is said of local storage, for the last filter's word counts and it has none.
        return new Fate.Goes("");
    }
}
