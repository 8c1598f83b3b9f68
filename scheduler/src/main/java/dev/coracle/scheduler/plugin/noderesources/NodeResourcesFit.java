package dev.coracle.scheduler.plugin.noderesources;

import dev.coracle.machinery.quantity.Quantity;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Request;
import dev.coracle.scheduler.framework.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Names all that a node lacks. Among nodes that have enough, prefers by its {@link ScoringStrategy}. */
public final class NodeResourcesFit implements Plugin.Filters, Plugin.Scores {
    private final NodeResourcesFitArgs args;

    public NodeResourcesFit() {
        this(NodeResourcesFitArgs.DEFAULT);
    }

    public NodeResourcesFit(NodeResourcesFitArgs args) {
        this.args = args;
    }

    @Override
    public String name() {
        return "NodeResourcesFit";
    }

    @Override
    public NodeFilter preFilter(Cycle cycle) {
        Request request = cycle.pod().request();
        return node -> fit(request, node);
    }

    @Override
    public String remedy(PodInfo pod, NodeInfo node) {
        List<String> remedies = new ArrayList<>();
        if (node.podCount() + 1 > node.allocatable("pods")) {
            remedies.add("fewer pods there: it takes " + node.allocatable("pods"));
        }
        for (Map.Entry<String, Long> e : pod.request().amounts().entrySet()) {
            String resource = e.getKey();
            if (e.getValue() > 0 && e.getValue() > node.free(resource) && !args.ignores(resource)) {
                remedies.add("asks for " + text(resource, e.getValue()) + " " + resource + ", and "
                        + text(resource, Math.max(0, node.free(resource))) + " of "
                        + text(resource, node.allocatable(resource)) + " is free");
            }
        }
        return String.join("; ", remedies);
    }

    private static String text(String resource, long amount) {
        Quantity quantity = switch (resource) {
            case "cpu" -> Quantity.ofMilli(amount);
            case "memory", "ephemeral-storage" -> Quantity.ofBytes(amount);
            default -> Quantity.of(amount);
        };
        return quantity.toString();
    }

    private Status fit(Request request, NodeInfo node) {
        List<String> lacking = null;
        boolean resolvable = true;
        if (node.podCount() + 1 > node.allocatable("pods")) {
            lacking = new ArrayList<>();
            lacking.add("Too many pods");
        }
        for (Map.Entry<String, Long> e : request.amounts().entrySet()) {
            String resource = e.getKey();
            if (e.getValue() > 0 && e.getValue() > node.free(resource) && !args.ignores(resource)) {
                lacking = lacking == null ? new ArrayList<>() : lacking;
                lacking.add("Insufficient " + resource);
                resolvable &= e.getValue() <= node.allocatable(resource);
            }
        }
        return lacking == null ? Status.OK : new Status(lacking, resolvable, "");
    }

    @Override
    public NodeScore preScore(Cycle cycle, List<NodeInfo> feasible) {
        return args.strategy().score(cycle.pod().request());
    }
}
