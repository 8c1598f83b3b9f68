package dev.coracle.scheduler.plugin.noderesources;

import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.Request;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prefers nodes where the pod evens out how much of cpu and of memory is taken. A node is as uneven as the standard
 * deviation of the two shares, half their difference; 50 is a node that the pod leaves as even as it was:
 *
 * <pre>
 *   shares before 0.8 and 0.2: unevenness 0.3; with the pod 0.8 and 0.6: unevenness 0.1
 *   score 50 + (50 + 90 - 70) / 2 = 85
 * </pre>
 */
public final class NodeResourcesBalancedAllocation implements Plugin.Scores {
    @Override
    public String name() {
        return "NodeResourcesBalancedAllocation";
    }

    @Override
    public @Nullable NodeScore preScore(Cycle cycle, List<NodeInfo> feasible) {
        Request request = cycle.pod().request();
        long cpu = request.amount("cpu");
        long memory = request.amount("memory");
        if (cpu == 0 && memory == 0) {
            return null;
        }
        return node -> NodeScore.MAX / 2 + (NodeScore.MAX / 2 + evenness(node, cpu, memory) - evenness(node, 0, 0)) / 2;
    }

    private static long evenness(NodeInfo node, long cpu, long memory) {
        long allCpu = node.allocatable("cpu");
        long allMemory = node.allocatable("memory");
        if (allCpu == 0 || allMemory == 0) {
            return NodeScore.MAX;
        }
        double ofCpu = Math.min(1, (double) (node.taken("cpu") + cpu) / allCpu);
        double ofMemory = Math.min(1, (double) (node.taken("memory") + memory) / allMemory);
        return (long) ((1 - Math.abs(ofCpu - ofMemory) / 2) * NodeScore.MAX);
    }
}
