package dev.coracle.flowforge.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** What became of the tasks of one worker. */
public final class WorkMetrics {
    private static final String SUCCEEDED = "succeeded";
    private static final String FAILED = "failed";

    private final Histogram durations;
    private final Counter retries;
    private final Counter deadLetters;

    /** @param types each is shown with zeros from the start, so that a rate can be taken of its first change */
    public WorkMetrics(Exposition exposition, Collection<String> types) {
        durations = Histogram.builder()
                .name("flowforge_task_duration_seconds")
                .help("How long attempts at tasks took")
                .labelNames("type", "outcome")
                .classicOnly()
                .classicUpperBounds(.001, .005, .01, .05, .1, .5, 1, 5, 10, 30, 60, 300)
                .register(exposition.registry());
        retries = Counter.builder()
                .name("flowforge_task_retries_total")
                .help("Tasks that were queued again after an attempt that failed or was lost with its worker")
                .labelNames("type")
                .register(exposition.registry());
        deadLetters = Counter.builder()
                .name("flowforge_dead_letters_total")
                .help("Tasks that failed at their last attempt")
                .labelNames("type")
                .register(exposition.registry());
        for (String type : types) {
            List.of(SUCCEEDED, FAILED).forEach(outcome -> durations.initLabelValues(type, outcome));
            retries.initLabelValues(type);
            deadLetters.initLabelValues(type);
        }
    }

    public void succeeded(String type, Duration took) {
        durations.labelValues(type, SUCCEEDED).observe(took.toNanos() / 1e9);
    }

    public void failed(String type, Duration took) {
        durations.labelValues(type, FAILED).observe(took.toNanos() / 1e9);
    }

    /** After a failed or lost attempt: the task is dead, or it will be tried again. */
    public void givenBack(String type, boolean dead) {
        (dead ? deadLetters : retries).labelValues(type).inc();
    }
}
