package dev.coracle.scheduler.plugin.tainttoleration;

import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Status;
import dev.coracle.scheduler.framework.Taint;
import java.util.List;
import java.util.stream.Collectors;

/** {@code NoSchedule} and {@code NoExecute} keep out; {@code PreferNoSchedule} is counted against a node. */
public final class TaintToleration implements Plugin.Filters, Plugin.Scores {
    private static final Status REFUSED = Status.unresolvable("node(s) had untolerated taint(s)");

    @Override
    public String name() {
        return "TaintToleration";
    }

    @Override
    public String remedy(PodInfo pod, NodeInfo node) {
        return node.taints().stream()
                .filter(t -> t.repels() && !t.isToleratedBy(pod.tolerations()))
                .map(t -> t.key() + (t.value().isEmpty() ? "" : "=" + t.value()) + ":" + t.effect())
                .collect(Collectors.joining(", ", "a toleration of ", ""));
    }

    @Override
    public NodeFilter preFilter(Cycle cycle) {
        List<Taint.Toleration> tolerations = cycle.pod().tolerations();
        return node -> {
            for (Taint t : node.taints()) {
                if (t.repels() && !t.isToleratedBy(tolerations)) {
                    return REFUSED;
                }
            }
            return Status.OK;
        };
    }

    @Override
    public NodeScore preScore(Cycle cycle, List<NodeInfo> feasible) {
        List<Taint.Toleration> tolerations = cycle.pod().tolerations();
        return NodeScore.scaled(
                true,
                node -> node.taints().stream()
                        .filter(t -> t.effect().equals("PreferNoSchedule") && !t.isToleratedBy(tolerations))
                        .count());
    }
}
