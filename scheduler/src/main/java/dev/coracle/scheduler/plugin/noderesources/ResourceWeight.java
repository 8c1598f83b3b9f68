package dev.coracle.scheduler.plugin.noderesources;

import dev.coracle.scheduler.config.Fields;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.Request;
import java.util.ArrayList;
import java.util.List;

/** A resource that is scored, and how much it counts. */
public record ResourceWeight(String name, long weight) {
    static final List<ResourceWeight> CPU_AND_MEMORY =
            List.of(new ResourceWeight("cpu", 1), new ResourceWeight("memory", 1));

    static List<ResourceWeight> of(Fields fields) {
        List<ResourceWeight> all = new ArrayList<>();
        for (Fields f : fields.objects("resources")) {
            long weight = f.integer("weight", 0);
            all.add(new ResourceWeight(f.text("name", ""), weight == 0 ? 1 : weight));
            f.end();
        }
        return all.isEmpty() ? CPU_AND_MEMORY : List.copyOf(all);
    }

    /** What the node has; 0 when it is not to be scored by this, as of devices that the pod asks none of. */
    long allocatable(NodeInfo node, Request request) {
        boolean common = name.equals("cpu") || name.equals("memory") || name.equals("ephemeral-storage");
        return common || request.amount(name) > 0 ? node.allocatable(name) : 0;
    }

    /** What is taken with the pod there, where those that ask nothing count a little. */
    long scored(NodeInfo node, Request request) {
        return switch (name) {
            case "cpu" -> node.scoredCpu() + request.scoredCpu();
            case "memory" -> node.scoredMemory() + request.scoredMemory();
            default -> node.taken(name) + request.amount(name);
        };
    }
}
