package dev.coracle.apiserver.telemetry;

import dev.coracle.machinery.env.Clock;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;

/** Requests, by the names of {@code k8s.io/apiserver/pkg/endpoints/metrics}. */
public final class RequestMetrics {
    private static final double[] SECONDS = {
        0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60
    };

    /**
     * What a request was for. All of it is one of few: a name that somebody makes up is none, since each is kept for good.
     *
     * @param verb {@code GET}, {@code LIST}, {@code WATCH}, {@code POST}, {@code PUT}, {@code PATCH}, {@code APPLY}, {@code
     *     DELETE}, {@code DELETECOLLECTION}, {@code CONNECT}
     * @param scope {@code resource}, {@code namespace} or {@code cluster}; {@code ""} for what is no resource
     * @param dryRun {@code All} or {@code ""}
     * @param longRunning whether it lasts as long as its client likes
     */
    public record Subject(
            String verb,
            String group,
            String version,
            String resource,
            String subresource,
            String scope,
            String dryRun,
            boolean mutating,
            boolean longRunning) {}

    private final Clock clock;
    private final Counter total;
    private final Histogram duration;
    private final Gauge inFlight;
    private final Gauge lasting;

    RequestMetrics(PrometheusRegistry registry, Clock clock) {
        this.clock = clock;
        this.total = Counter.builder()
                .name("apiserver_request_total")
                .help("Counter of apiserver requests broken out for each verb, dry run value, group, version, resource,"
                        + " scope, component, and HTTP response code.")
                .labelNames(
                        "code", "component", "dry_run", "group", "resource", "scope", "subresource", "verb", "version")
                .register(registry);
        this.duration = Histogram.builder()
                .name("apiserver_request_duration_seconds")
                .help("Response latency distribution in seconds for each verb, dry run value, group, version, resource,"
                        + " subresource, scope and component.")
                .classicOnly()
                .classicUpperBounds(SECONDS)
                .labelNames("component", "dry_run", "group", "resource", "scope", "subresource", "verb", "version")
                .register(registry);
        this.inFlight = Gauge.builder()
                .name("apiserver_current_inflight_requests")
                .help(
                        "Number of requests that are handled now, those that last left out, by whether they change anything.")
                .labelNames("request_kind")
                .register(registry);
        inFlight.labelValues("mutating").set(0);
        inFlight.labelValues("readOnly").set(0);
        this.lasting = Gauge.builder()
                .name("apiserver_longrunning_requests")
                .help("Number of requests that last as long as their clients like, such as watches.")
                .labelNames("component", "group", "resource", "scope", "subresource", "verb", "version")
                .register(registry);
    }

    /** A request that is being handled. */
    public interface Running {
        /**
         * It is answered; the first that says so counts.
         *
         * @param code 0 for what another server answers, as upstream
         */
        void answered(int code);

        /** It is over, answered or not. */
        void ended();
    }

    public Running begin(Subject s) {
        Instant since = clock.now();
        AtomicBoolean answered = new AtomicBoolean();
        AtomicBoolean ended = new AtomicBoolean();
        var gauge = s.longRunning()
                ? lasting.labelValues(
                        "apiserver", s.group(), s.resource(), s.scope(), s.subresource(), s.verb(), s.version())
                : inFlight.labelValues(s.mutating() ? "mutating" : "readOnly");
        gauge.inc();
        return new Running() {
            @Override
            public void answered(int code) {
                if (!answered.compareAndSet(false, true)) {
                    return;
                }
                total.labelValues(
                                code == 0 ? "0" : Integer.toString(code),
                                "apiserver",
                                s.dryRun(),
                                s.group(),
                                s.resource(),
                                s.scope(),
                                s.subresource(),
                                s.verb(),
                                s.version())
                        .inc();
                if (!s.longRunning()) {
                    duration.labelValues(
                                    "apiserver",
                                    s.dryRun(),
                                    s.group(),
                                    s.resource(),
                                    s.scope(),
                                    s.subresource(),
                                    s.verb(),
                                    s.version())
                            .observe(Duration.between(since, clock.now()).toNanos() / 1e9);
                }
            }

            @Override
            public void ended() {
                if (ended.compareAndSet(false, true)) {
                    gauge.dec();
                }
            }
        };
    }
}
