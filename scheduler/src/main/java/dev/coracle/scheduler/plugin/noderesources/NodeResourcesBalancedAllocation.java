package dev.coracle.scheduler.plugin.noderesources;

import dev.coracle.scheduler.config.Fields;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.Request;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Prefers nodes where the pod evens out how much of each resource is taken. A node is as uneven as the standard deviation
 * of the shares, of two of them half their difference; 50 is a node that the pod leaves as even as it was:
 *
 * <pre>
 *   shares before 0.8 and 0.2: unevenness 0.3; with the pod 0.8 and 0.6: unevenness 0.1
 *   score 50 + (50 + 90 - 70) / 2 = 85
 * </pre>
 */
public final class NodeResourcesBalancedAllocation implements Plugin.Scores {
    private static final Request NOTHING = new Request(Map.of(), List.of(), 0, 0);

    /** What is to be even. */
    public record Args(List<ResourceWeight> resources) {
        public static final Args DEFAULT = new Args(ResourceWeight.CPU_AND_MEMORY);

        public static Args of(Fields fields) {
            List<ResourceWeight> resources = ResourceWeight.of(fields);
            Set<String> names = new HashSet<>();
            for (int i = 0; i < resources.size(); i++) {
                ResourceWeight r = resources.get(i);
                String path = fields.path("resources") + "[" + i + "]";
                if (!names.add(r.name())) {
                    fields.problems().duplicate(path + ".name", r.name());
                }
                if (r.weight() != 1) {
                    fields.problems().invalid(path + ".weight", r.weight(), "must be 1");
                }
            }
            return new Args(resources);
        }
    }

    private final List<ResourceWeight> resources;

    public NodeResourcesBalancedAllocation() {
        this(Args.DEFAULT);
    }

    public NodeResourcesBalancedAllocation(Args args) {
        this.resources = args.resources();
    }

    @Override
    public String name() {
        return "NodeResourcesBalancedAllocation";
    }

    @Override
    public @Nullable NodeScore preScore(Cycle cycle, List<NodeInfo> feasible) {
        Request request = cycle.pod().request();
        if (resources.stream().allMatch(r -> request.amount(r.name()) == 0)) {
            return null;
        }
        return node -> NodeScore.MAX / 2
                + (NodeScore.MAX / 2 + evenness(node, request, request) - evenness(node, request, NOTHING)) / 2;
    }

    /** @param added what is to be taken besides, of the resources that the pod is scored by */
    private long evenness(NodeInfo node, Request pod, Request added) {
        double[] shares = new double[resources.size()];
        int n = 0;
        for (ResourceWeight r : resources) {
            long all = r.allocatable(node, pod);
            if (all > 0) {
                shares[n++] = Math.min(1, (double) (node.taken(r.name()) + added.amount(r.name())) / all);
            }
        }
        return (long) ((1 - deviation(shares, n)) * NodeScore.MAX);
    }

    private static double deviation(double[] shares, int n) {
        if (n == 2) {
            return Math.abs(shares[0] - shares[1]) / 2;
        }
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += shares[i];
        }
        double squares = 0;
        for (int i = 0; i < n; i++) {
            squares += Math.pow(shares[i] - sum / n, 2);
        }
        return n == 0 ? 0 : Math.sqrt(squares / n);
    }
}
