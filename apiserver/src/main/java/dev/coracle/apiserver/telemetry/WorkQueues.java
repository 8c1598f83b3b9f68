package dev.coracle.apiserver.telemetry;

import dev.coracle.client.LoopMetrics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** The queues of loops, by the names of {@code k8s.io/component-base/metrics/prometheus/workqueue}. */
public final class WorkQueues implements MultiCollector {
    private final Supplier<List<LoopMetrics>> loops;

    public WorkQueues(Supplier<List<LoopMetrics>> loops) {
        this.loops = loops;
    }

    @Override
    public MetricSnapshots collect() {
        List<LoopMetrics> all = new ArrayList<>();
        // Of several with one name the first tells: a series is one line.
        for (LoopMetrics m : loops.get()) {
            if (all.stream().noneMatch(o -> o.name().equals(m.name()))) {
                all.add(m);
            }
        }
        List<MetricSnapshot> snapshots = List.of(
                gauge(all, "workqueue_depth", "Current depth of workqueue", LoopMetrics::depth),
                gauge(
                        all,
                        "workqueue_unfinished_work_seconds",
                        "How long all that is worked on now has been so, summed up.",
                        m -> seconds(m.unfinished())),
                gauge(
                        all,
                        "workqueue_longest_running_processor_seconds",
                        "How many seconds has the longest running processor for workqueue been running.",
                        m -> seconds(m.longest())),
                counter(all, "workqueue_adds", "Total number of adds handled by workqueue", LoopMetrics::adds),
                counter(all, "workqueue_retries", "Total number of retries handled by workqueue", LoopMetrics::retries),
                summary(
                        all,
                        "workqueue_queue_duration_seconds",
                        "How long in seconds an item stays in workqueue before being requested.",
                        LoopMetrics::taken,
                        LoopMetrics::queueTime),
                summary(
                        all,
                        "workqueue_work_duration_seconds",
                        "How long in seconds processing an item from workqueue takes.",
                        LoopMetrics::worked,
                        LoopMetrics::workTime));
        return new MetricSnapshots(snapshots);
    }

    private static double seconds(Duration d) {
        return d.toNanos() / 1e9;
    }

    private static Labels labels(LoopMetrics m) {
        return Labels.of("name", m.name());
    }

    private static MetricSnapshot gauge(
            List<LoopMetrics> all, String name, String help, ToDoubleFunction<LoopMetrics> value) {
        var b = GaugeSnapshot.builder().name(name).help(help);
        all.forEach(m -> b.dataPoint(GaugeDataPointSnapshot.builder()
                .labels(labels(m))
                .value(value.applyAsDouble(m))
                .build()));
        return b.build();
    }

    private static MetricSnapshot counter(
            List<LoopMetrics> all, String name, String help, ToDoubleFunction<LoopMetrics> value) {
        var b = CounterSnapshot.builder().name(name).help(help);
        all.forEach(m -> b.dataPoint(CounterDataPointSnapshot.builder()
                .labels(labels(m))
                .value(value.applyAsDouble(m))
                .build()));
        return b.build();
    }

    private static MetricSnapshot summary(
            List<LoopMetrics> all,
            String name,
            String help,
            ToLongFunction<LoopMetrics> count,
            Function<LoopMetrics, Duration> sum) {
        var b = SummarySnapshot.builder().name(name).help(help);
        all.forEach(m -> b.dataPoint(SummaryDataPointSnapshot.builder()
                .labels(labels(m))
                .count(count.applyAsLong(m))
                .sum(seconds(sum.apply(m)))
                .build()));
        return b.build();
    }
}
