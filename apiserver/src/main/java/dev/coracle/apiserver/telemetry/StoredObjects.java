package dev.coracle.apiserver.telemetry;

import dev.coracle.machinery.object.GroupVersionResource;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Map;
import java.util.function.Supplier;

/** How many objects there are of each resource. */
public final class StoredObjects implements MultiCollector {
    private final Supplier<Map<GroupVersionResource, Integer>> counts;

    public StoredObjects(Supplier<Map<GroupVersionResource, Integer>> counts) {
        this.counts = counts;
    }

    @Override
    public MetricSnapshots collect() {
        var old = GaugeSnapshot.builder()
                .name("apiserver_storage_objects")
                .help("Number of stored objects at the time of last check split by kind.");
        var now = GaugeSnapshot.builder()
                .name("apiserver_resource_objects")
                .help("Number of stored objects at the time of last check split by kind.");
        counts.get().forEach((resource, count) -> {
            old.dataPoint(GaugeDataPointSnapshot.builder()
                    .labels(Labels.of("resource", resource.groupResource()))
                    .value(count)
                    .build());
            now.dataPoint(GaugeDataPointSnapshot.builder()
                    .labels(Labels.of("group", resource.group(), "resource", resource.resource()))
                    .value(count)
                    .build());
        });
        return new MetricSnapshots(old.build(), now.build());
    }
}
