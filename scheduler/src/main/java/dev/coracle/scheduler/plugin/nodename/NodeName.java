package dev.coracle.scheduler.plugin.nodename;

import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.Status;

/** Pods that name a node are seldom here: their node takes them without being asked. */
public final class NodeName implements Plugin.Filters {
    private static final Status REFUSED = Status.unresolvable("node(s) didn't match the requested node name");

    @Override
    public String name() {
        return "NodeName";
    }

    @Override
    public NodeFilter preFilter(Cycle cycle) {
        String wanted = cycle.pod().pod().string("spec", "nodeName");
        return wanted.isEmpty() ? NodeFilter.PASS : node -> node.name().equals(wanted) ? Status.OK : REFUSED;
    }
}
