package dev.coracle.scheduler.plugin.nodeports;

import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Request;
import dev.coracle.scheduler.framework.Status;
import java.util.List;
import java.util.stream.Collectors;

/** A port is taken per protocol and address. */
public final class NodePorts implements Plugin.Filters {
    private static final Status REFUSED =
            Status.unschedulable("node(s) didn't have free ports for the requested pod ports");

    @Override
    public String name() {
        return "NodePorts";
    }

    @Override
    public String remedy(PodInfo pod, NodeInfo node) {
        return pod.request().ports().stream()
                .filter(node::usesPort)
                .map(p -> p.port() + "/" + p.protocol())
                .collect(Collectors.joining(", ", "another hostPort than ", ""));
    }

    @Override
    public NodeFilter preFilter(Cycle cycle) {
        List<Request.HostPort> ports = cycle.pod().request().ports();
        return ports.isEmpty()
                ? NodeFilter.PASS
                : node -> ports.stream().anyMatch(node::usesPort) ? REFUSED : Status.OK;
    }
}
