package dev.coracle.flowforge.metrics;

import dev.coracle.flowforge.queue.Waiting;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.function.Supplier;

/**
 * How the queue stands, asked at each scrape. Every api-service tells the same numbers, which are the database's: take
 * their maximum, not their sum. Without the database there are no numbers, and {@code flowforge_queue_up} is 0.
 */
public final class QueueMetrics implements MultiCollector {
    private final Supplier<List<Waiting>> queue;
    private final Counter revived;

    /** @param queue how each type stands */
    public QueueMetrics(Exposition exposition, Supplier<List<Waiting>> queue) {
        this.queue = queue;
        revived = Counter.builder()
                .name("flowforge_tasks_revived_total")
                .help("Dead and cancelled tasks that somebody queued again")
                .labelNames("type")
                .register(exposition.registry());
        exposition.registry().register(this);
    }

    /** A dead or cancelled task was queued again. */
    public void revived(String type) {
        revived.labelValues(type).inc();
    }

    @Override
    public MetricSnapshots collect() {
        var up = GaugeSnapshot.builder().name("flowforge_queue_up").help("Whether the database answered");
        List<Waiting> types;
        try {
            types = queue.get();
        } catch (RuntimeException e) {
            return new MetricSnapshots(up.dataPoint(point(0)).build());
        }
        var tasks = GaugeSnapshot.builder()
                .name("flowforge_queue_tasks")
                .help("How many tasks are in which status; dead are the dead letters");
        var waits = GaugeSnapshot.builder()
                .name("flowforge_queue_oldest_wait_seconds")
                .help("For how long the queued task has been due that was due first; 0 when none is due");
        for (Waiting type : types) {
            type.tasks().forEach((status, n) -> tasks.dataPoint(point(n, "type", type.type(), "status", status)));
            waits.dataPoint(point(type.oldestWaitSeconds(), "type", type.type()));
        }
        return new MetricSnapshots(up.dataPoint(point(1)).build(), tasks.build(), waits.build());
    }

    private static GaugeDataPointSnapshot point(double value, String... labels) {
        return GaugeDataPointSnapshot.builder()
                .value(value)
                .labels(Labels.of(labels))
                .build();
    }
}
