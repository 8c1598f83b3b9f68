package dev.coracle.apiserver.telemetry;

import dev.coracle.apiserver.flowcontrol.FlowControl;
import dev.coracle.apiserver.flowcontrol.FlowControl.Standing;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.function.ToIntFunction;

/** Priority and fairness, by the names of {@code k8s.io/apiserver/pkg/util/flowcontrol/metrics}. */
public final class Flows implements MultiCollector {
    private final FlowControl flows;

    public Flows(FlowControl flows) {
        this.flows = flows;
    }

    @Override
    public MetricSnapshots collect() {
        var dispatched = CounterSnapshot.builder()
                .name("apiserver_flowcontrol_dispatched_requests")
                .help("Number of requests that priority and fairness has let in.");
        var rejected = CounterSnapshot.builder()
                .name("apiserver_flowcontrol_rejected_requests")
                .help("Number of requests that priority and fairness has turned away.");
        flows.outcomes().forEach((o, n) -> {
            boolean in = o.reason().isEmpty();
            Labels labels = Labels.of("flow_schema", o.schema(), "priority_level", o.level());
            (in ? dispatched : rejected)
                    .dataPoint(CounterDataPointSnapshot.builder()
                            .labels(in ? labels : labels.merge(Labels.of("reason", o.reason())))
                            .value(n)
                            .build());
        });
        List<Standing> now = flows.standings();
        return new MetricSnapshots(
                dispatched.build(),
                rejected.build(),
                gauge(now, "apiserver_flowcontrol_nominal_limit_seats", "Seats of each level.", Standing::nominal),
                gauge(
                        now,
                        "apiserver_flowcontrol_current_executing_seats",
                        "Seats that are taken now.",
                        Standing::executing),
                gauge(
                        now,
                        "apiserver_flowcontrol_current_inqueue_seats",
                        "Seats that are waited for now.",
                        Standing::waiting));
    }

    private static GaugeSnapshot gauge(List<Standing> levels, String name, String help, ToIntFunction<Standing> value) {
        var b = GaugeSnapshot.builder().name(name).help(help);
        levels.forEach(l -> b.dataPoint(GaugeDataPointSnapshot.builder()
                .labels(Labels.of("priority_level", l.level()))
                .value(value.applyAsInt(l))
                .build()));
        return b.build();
    }
}
