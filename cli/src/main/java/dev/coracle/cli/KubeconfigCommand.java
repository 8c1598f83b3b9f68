package dev.coracle.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "kubeconfig",
        mixinStandardHelpOptions = true,
        description = "Prints the path of the cluster's kubeconfig.")
final class KubeconfigCommand implements Callable<Integer> {
    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Override
    public Integer call() {
        cluster.existing();
        System.out.println(cluster.paths().kubeconfig());
        return 0;
    }
}
