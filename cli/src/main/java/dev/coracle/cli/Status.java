package dev.coracle.cli;

import dev.coracle.cluster.ClusterDescription;
import dev.coracle.cluster.ClusterPaths;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "status",
        description = "Lists the clusters of this machine.",
        mixinStandardHelpOptions = true,
        version = "coracle 0.1.0")
final class Status implements Callable<Integer> {
    @Override
    public Integer call() {
        Path home = ClusterPaths.home(System.getenv());
        List<ClusterDescription> all = ClusterDescription.all(home);
        if (all.isEmpty()) {
            System.out.println("no clusters; `coracle up` makes one");
        }
        for (ClusterDescription d : all) {
            ClusterPaths paths = new ClusterPaths(home, d.name());
            System.out.printf(
                    "%-20s %-8s %d nodes  %s  %s%n",
                    d.name(), d.running() ? "running" : "down", d.nodes().size(), d.server(), paths.kubeconfig());
        }
        return 0;
    }
}
