package dev.coracle.cli.why;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Optional;

/** A node that is not ready, or short of something. That it is cordoned is somebody's will, and told where it matters. */
final class Nodes implements Check {
    @Override
    public Optional<Finding> look(View view, Unstructured node) {
        Unstructured ready = View.condition(node, "Ready");
        Subject subject = Subject.of(node);
        if (!ready.string("status").equals("True")) {
            boolean silent = ready.string("status").equals("Unknown") || !ready.has("status");
            return Optional.of(new Finding(
                    subject,
                    silent ? "NodeSilent" : "NodeNotReady",
                    silent
                            ? "The node's kubelet has said nothing for a while: the machine, its kubelet or the network"
                                    + " between is down."
                            : "The node's kubelet says that it is not ready: " + ready.string("message"),
                    List.of("Ready is " + ready.stringOr("missing", "status") + ", " + ready.string("reason") + ": "
                            + ready.string("message")),
                    silent
                            ? "coracle status  # then `coracle node start " + node.name() + "`"
                            : "kubectl describe node " + node.name()));
        }
        for (String pressure : List.of("MemoryPressure", "DiskPressure", "PIDPressure")) {
            Unstructured c = View.condition(node, pressure);
            if (c.string("status").equals("True")) {
                return Optional.of(new Finding(
                        subject,
                        pressure,
                        "The node has too little "
                                + switch (pressure) {
                                    case "MemoryPressure" -> "memory";
                                    case "DiskPressure" -> "disk";
                                    default -> "room for processes";
                                }
                                + " left, and takes no pods or turns some out.",
                        List.of(pressure + " is True: " + c.string("message")),
                        "kubectl describe node " + node.name()));
            }
        }
        return Optional.empty();
    }
}
