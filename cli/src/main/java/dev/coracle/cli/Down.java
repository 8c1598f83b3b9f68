package dev.coracle.cli;

import dev.coracle.cluster.ClusterDescription;
import dev.coracle.cluster.ClusterPaths;
import dev.coracle.cluster.Leftovers;
import dev.coracle.machinery.env.SystemEnvironment;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "down",
        description = "Stops a cluster. Its state is kept for the next `up`.",
        mixinStandardHelpOptions = true,
        version = "coracle 0.1.0")
final class Down implements Callable<Integer> {
    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Option(names = "--delete", description = "Deletes its state, volumes included, too.")
    private boolean delete;

    @Override
    public Integer call() throws Exception {
        ClusterPaths paths = cluster.paths();
        Optional<ClusterDescription> description = ClusterDescription.read(paths);
        if (description.isEmpty()) {
            System.out.println("there is no cluster \"" + paths.name() + "\"");
            return 0;
        }
        ClusterDescription d = description.get();
        if (d.running()) {
            ProcessHandle process = ProcessHandle.of(d.pid()).orElseThrow();
            process.destroy();
            process.onExit().get(90, TimeUnit.SECONDS);
        }
        try (var system = new SystemEnvironment((name, e) -> {})) {
            new Leftovers(paths, d, system.environment()).remove(delete);
        }
        System.out.println(
                "cluster \"" + paths.name() + "\" is " + (delete ? "deleted" : "down; `coracle up` brings it back"));
        return 0;
    }
}
