package dev.coracle.cli;

import dev.coracle.cluster.ClusterDescription;
import dev.coracle.cluster.ClusterPaths;
import dev.coracle.cluster.MachineRegistry;
import dev.coracle.cluster.control.ControlClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "status",
        description = "Lists the clusters of this machine.",
        mixinStandardHelpOptions = true,
        version = "coracle 0.1.0")
final class Status implements Callable<Integer> {
    private static final String ROW = "%-20s %-8s %-10s %-24s %s%n";

    @Option(names = "--name", description = "Only the cluster of this name.")
    private @Nullable String name;

    @Override
    public Integer call() {
        Path home = ClusterPaths.home(System.getenv());
        List<ClusterDescription> all = ClusterDescription.all(home).stream()
                .filter(d -> name == null || d.name().equals(name))
                .toList();
        if (all.isEmpty() && name != null) {
            throw new IllegalStateException("there is no cluster \"" + name + "\"");
        }
        if (all.isEmpty()) {
            System.out.println("no clusters; `coracle up` makes one");
        }
        if (!all.isEmpty()) {
            System.out.printf(ROW, "NAME", "STATUS", "NODES", "SERVER", "KUBECONFIG");
        }
        for (ClusterDescription d : all) {
            System.out.printf(
                    ROW,
                    d.name(),
                    d.running() ? "running" : "down",
                    d.nodes().size() + " nodes" + stopped(d),
                    d.server(),
                    new ClusterPaths(home, d.name()).kubeconfig());
        }
        return 0;
    }

    private static String stopped(ClusterDescription d) {
        if (!d.running()) {
            return "";
        }
        try {
            String names = new ControlClient(MachineRegistry.controlSocket(d.index())).ask(List.of("nodes", "stopped"));
            return names.isEmpty() ? "" : ", stopped: " + names;
        } catch (IOException e) {
            return ", does not answer";
        }
    }
}
