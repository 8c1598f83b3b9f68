package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.apply.DryRun;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubectl cordon} and {@code kubectl uncordon}: whether new pods may come to a node. */
public final class Cordon implements Verb {
    private final boolean wanted;

    /** @param wanted whether the nodes shall be unschedulable */
    public Cordon(boolean wanted) {
        this.wanted = wanted;
    }

    @Override
    public Flags flags() {
        return Flags.of("selector,l", "dry-run?client");
    }

    @Override
    public int run(Session session, Flags.Line line) {
        set(session, Nodes.of(session, line, wanted ? "cordon" : "uncordon"), wanted, DryRun.of(line));
        return 0;
    }

    /** One node's refusal is told and keeps none of the others. */
    static void set(Session session, List<Unstructured> nodes, boolean wanted, String dryRun) {
        String verb = wanted ? "cordon" : "uncordon";
        for (Unstructured node : nodes) {
            boolean already = node.bool("spec", "unschedulable") == wanted;
            try {
                if (!already && !dryRun.equals("client")) {
                    patch(session, node.name(), wanted, dryRun.equals("server"));
                }
                session.out()
                        .println("node/" + node.name() + (already ? " already " : " ") + verb + "ed"
                                + DryRun.suffix(dryRun));
            } catch (StatusException e) {
                session.err().println("error: unable to " + verb + " node \"" + node.name() + "\": " + e.getMessage());
            }
        }
        session.out().flush();
    }

    private static void patch(Session session, String node, boolean wanted, boolean dryRun) {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("unschedulable", wanted ? true : null);
        Unstructured patch = new Unstructured(new LinkedHashMap<>(Map.of("spec", spec)));
        session.client()
                .patch(
                        Resources.NODES,
                        "",
                        node,
                        Patch.strategic(patch),
                        new WriteOptions("", wanted ? "kubectl-cordon" : "kubectl-uncordon", false, dryRun));
    }
}
