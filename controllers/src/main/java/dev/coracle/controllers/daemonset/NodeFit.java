package dev.coracle.controllers.daemonset;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.NodeChoice;
import java.util.Set;

/**
 * Whether a node should have a daemon, and whether one that is there may stay. Resources do not matter: of a node that is
 * full the scheduler tells. {@code spec.unschedulable} does neither; it is a taint, which daemons tolerate.
 */
record NodeFit(boolean shouldRun, boolean mayStay) {
    static final NodeFit NONE = new NodeFit(false, false);

    private static final Set<String> EXPELLING = Set.of("NoExecute");
    private static final Set<String> REPELLING = Set.of("NoSchedule", "NoExecute");

    /** @param spec of the daemons, as {@link Template} gives it */
    static NodeFit of(Unstructured spec, Unstructured node) {
        String named = spec.string("nodeName");
        if (!named.isEmpty() && !named.equals(node.name()) || !NodeChoice.selects(spec, node)) {
            return NONE;
        }
        boolean stays = NodeChoice.tolerates(spec, node, EXPELLING);
        return new NodeFit(stays && NodeChoice.tolerates(spec, node, REPELLING), stays);
    }
}
