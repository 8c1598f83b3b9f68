package dev.coracle.scheduler.plugin.nodeunschedulable;

import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Status;
import dev.coracle.scheduler.framework.Taint;

/** Who tolerates the taint that a cordon brings tolerates the cordon. */
public final class NodeUnschedulable implements Plugin.Filters {
    private static final Taint CORDON = new Taint("node.kubernetes.io/unschedulable", "", "NoSchedule");
    private static final Status REFUSED = Status.unresolvable("node(s) were unschedulable");

    @Override
    public String name() {
        return "NodeUnschedulable";
    }

    @Override
    public String remedy(PodInfo pod, NodeInfo node) {
        return "kubectl uncordon " + node.name();
    }

    @Override
    public NodeFilter preFilter(Cycle cycle) {
        return CORDON.isToleratedBy(cycle.pod().tolerations())
                ? NodeFilter.PASS
                : node -> node.isUnschedulable() ? REFUSED : Status.OK;
    }
}
