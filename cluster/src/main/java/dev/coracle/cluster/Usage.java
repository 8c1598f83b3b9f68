package dev.coracle.cluster;

import dev.coracle.apiserver.metrics.UsageSource;
import dev.coracle.kubelet.stats.UsageSampler.ContainerUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What the cluster's nodes use. They share one machine, so a node's use is that of its pods; the control plane's is that of
 * the components, which are one process, besides.
 */
final class Usage implements UsageSource {
    /** One node's readings. */
    record NodeReading(String node, Instant time, List<ContainerUsage> containers, UsageSource.Usage components) {}

    private final Supplier<List<NodeReading>> readings;

    Usage(Supplier<List<NodeReading>> readings) {
        this.readings = readings;
    }

    @Override
    public List<UsageSource.Node> nodes() {
        List<UsageSource.Node> all = new ArrayList<>();
        for (NodeReading r : readings.get()) {
            UsageSource.Usage sum = r.components();
            Duration window = Duration.ofSeconds(10);
            for (ContainerUsage c : r.containers()) {
                sum = sum.plus(new UsageSource.Usage(c.nanocores(), c.memoryBytes()));
                window = c.window();
            }
            all.add(new UsageSource.Node(r.node(), r.time(), window, sum));
        }
        return all;
    }

    @Override
    public List<UsageSource.Pod> pods() {
        Map<String, UsageSource.Pod> pods = new LinkedHashMap<>();
        for (NodeReading r : readings.get()) {
            for (ContainerUsage c : r.containers()) {
                pods.computeIfAbsent(
                                c.namespace() + "/" + c.pod(),
                                k -> new UsageSource.Pod(
                                        c.namespace(), c.pod(), c.time(), c.window(), new ArrayList<>()))
                        .containers()
                        .add(new UsageSource.Container(
                                c.container(), new UsageSource.Usage(c.nanocores(), c.memoryBytes())));
            }
        }
        return List.copyOf(pods.values());
    }
}
