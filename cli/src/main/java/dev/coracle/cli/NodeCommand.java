package dev.coracle.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "node",
        mixinStandardHelpOptions = true,
        description = "Stops and starts single nodes, to see what a cluster makes of it.",
        subcommands = {NodeCommand.Stop.class, NodeCommand.Start.class})
final class NodeCommand {

    private static int ask(ClusterOptions cluster, String verb, String node) {
        System.out.println(cluster.ask(List.of("node", verb, node)));
        return 0;
    }

    @Command(
            name = "stop",
            mixinStandardHelpOptions = true,
            description = "As if its plug was pulled: the kubelet falls silent and every container of the node ends.")
    static final class Stop implements Callable<Integer> {
        @Mixin
        private ClusterOptions cluster = new ClusterOptions();

        @Parameters(paramLabel = "NODE")
        private String node = "";

        @Override
        public Integer call() {
            return ask(cluster, "stop", node);
        }
    }

    @Command(name = "start", mixinStandardHelpOptions = true, description = "Starts a stopped node.")
    static final class Start implements Callable<Integer> {
        @Mixin
        private ClusterOptions cluster = new ClusterOptions();

        @Parameters(paramLabel = "NODE")
        private String node = "";

        @Override
        public Integer call() {
            return ask(cluster, "start", node);
        }
    }
}
