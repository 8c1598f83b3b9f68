package dev.coracle.apiserver.encryption;

import dev.coracle.machinery.env.Clock;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.time.Instant;

/** Seals and openings, by the names of {@code k8s.io/apiserver/pkg/storage/value}. */
final class Transformations implements MultiCollector {
    private static final double SHORTEST = 5e-6;
    private static final int BUCKETS = 25;

    private final Clock clock;
    private final Counter total = Counter.builder()
            .name("apiserver_storage_transformation_operations_total")
            .help("Total number of transformations.")
            .labelNames("resource", "transformation_type", "transformer_prefix", "status")
            .build();
    private final Histogram duration = Histogram.builder()
            .name("apiserver_storage_transformation_duration_seconds")
            .help("Latencies in seconds of value transformation operations.")
            .classicOnly()
            .classicExponentialUpperBounds(SHORTEST, 2, BUCKETS)
            .labelNames("resource", "transformation_type", "transformer_prefix")
            .build();

    Transformations(Clock clock) {
        this.clock = clock;
    }

    /** Those of one resource. */
    Of of(String resource) {
        return new Of(resource);
    }

    final class Of {
        private final String resource;

        private Of(String resource) {
            this.resource = resource;
        }

        Running begin() {
            return new Running(resource, clock.now());
        }
    }

    final class Running {
        private final String resource;
        private final Instant since;

        private Running(String resource, Instant since) {
            this.resource = resource;
            this.since = since;
        }

        void sealed(String prefix) {
            done("to_storage", prefix, true);
        }

        void opened(String prefix, boolean well) {
            done("from_storage", prefix, well);
        }

        private void done(String type, String prefix, boolean well) {
            total.labelValues(resource, type, prefix, well ? "OK" : "unknown-non-grpc")
                    .inc();
            if (well) {
                duration.labelValues(resource, type, prefix)
                        .observe(Duration.between(since, clock.now()).toNanos() / 1e9);
            }
        }
    }

    @Override
    public MetricSnapshots collect() {
        return new MetricSnapshots(total.collect(), duration.collect());
    }
}
