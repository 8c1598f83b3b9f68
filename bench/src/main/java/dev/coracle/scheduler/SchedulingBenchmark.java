package dev.coracle.scheduler;

import dev.coracle.bench.jmh.Sample;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.Filtering;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.plugin.noderesources.NodeResourcesFit;
import dev.coracle.scheduler.plugin.tainttoleration.TaintToleration;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One pod's look at a thousand nodes, each with ten pods: what rules them out, and how well they do; beside the same
 * sums over arrays. It lies in the scheduler's package since none of that is public.
 */
@State(Scope.Benchmark)
public class SchedulingBenchmark {
    private static final int NODES = 1000;
    private static final int PODS = 10;

    private final Placements placements = new Placements();
    private final Unstructured pod = Sample.pod();
    private final TaintToleration taints = new TaintToleration();
    private final NodeResourcesFit fit = new NodeResourcesFit();
    private final long[] cpu = new long[NODES];
    private final long[] memory = new long[NODES];
    private final long[] allCpu = new long[NODES];
    private final long[] allMemory = new long[NODES];

    @Setup
    public void fill() {
        for (int n = 0; n < NODES; n++) {
            Unstructured node = Unstructured.of("v1", "Node", "", "node-" + n)
                    .set("node-" + n, "metadata", "labels", "kubernetes.io/hostname")
                    .set("16", "status", "allocatable", "cpu")
                    .set("64Gi", "status", "allocatable", "memory")
                    .set("110", "status", "allocatable", "pods");
            placements.put(node);
            allCpu[n] = 16_000;
            allMemory[n] = 64L << 30;
            for (int p = 0; p < PODS + n % 3; p++) {
                Unstructured other = Sample.pod();
                other.set("pod-" + n + "-" + p, "metadata", "name").set("uid-" + n + "-" + p, "metadata", "uid");
                placements.place(PodInfo.of(other), "node-" + n);
                cpu[n] += 110;
                memory[n] += 144L << 20;
            }
        }
    }

    @Benchmark
    public long choose() {
        Cycle cycle = new Cycle(PodInfo.of(pod), placements.snapshot());
        Filtering filtering = Filtering.of(List.of(taints, fit), cycle);
        NodeScore score = fit.preScore(cycle, cycle.snapshot().nodes());
        long best = -1;
        for (NodeInfo node : cycle.snapshot().nodes()) {
            if (filtering.filterWithNominated(node).fits()) {
                best = Math.max(best, score.score(node));
            }
        }
        return best;
    }

    @Benchmark
    public long chooseReference() {
        long best = -1;
        for (int n = 0; n < NODES; n++) {
            long freeCpu = allCpu[n] - cpu[n];
            long freeMemory = allMemory[n] - memory[n];
            if (freeCpu >= 110 && freeMemory >= 144L << 20) {
                long score = ((freeCpu - 110) * 100 / allCpu[n] + (freeMemory - (144L << 20)) * 100 / allMemory[n]) / 2;
                best = Math.max(best, score);
            }
        }
        return best;
    }
}
