package dev.coracle.cli;

import dev.coracle.cluster.StoreReport;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "fsck",
        mixinStandardHelpOptions = true,
        description = {
            "Reads a cluster's whole store and says whether each record agrees with the others.",
            "It changes nothing, and the cluster may run meanwhile. Ends with 1 where something is wrong."
        })
final class Fsck implements Callable<Integer> {
    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Override
    public Integer call() {
        cluster.existing();
        StoreReport r = StoreReport.of(cluster.paths().store());
        System.out.println(r.summary());
        r.problems().forEach(System.out::println);
        System.out.println(
                r.problems().isEmpty()
                        ? "Every record agrees with the others."
                        : "Take a copy of " + cluster.paths().store() + " before anything is written to it again.");
        return r.problems().isEmpty() ? 0 : 1;
    }
}
