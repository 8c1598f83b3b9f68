package dev.coracle.flowforge.metrics;

import dev.coracle.machinery.env.Clock;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.prometheus.metrics.core.metrics.Histogram;
import java.time.Duration;

/** How long requests take. By route, not by path: paths hold ids, and each would be a series of its own. */
public final class HttpMetrics {
    private static final String BEGAN = "began";

    private final Histogram durations;
    private final Clock clock;

    /** Told of each request when it has been answered. */
    @FunctionalInterface
    public interface Listener {
        void answered(Context ctx, Duration took);
    }

    public HttpMetrics(Exposition exposition, Clock clock) {
        this.clock = clock;
        durations = Histogram.builder()
                .name("flowforge_http_request_duration_seconds")
                .help("How long requests took to answer")
                .labelNames("method", "route", "status")
                .classicOnly()
                .classicUpperBounds(.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10)
                .register(exposition.registry());
    }

    /** Times what the server answers. */
    public void observe(JavalinConfig server, Listener also) {
        server.routes.before(ctx -> ctx.attribute(BEGAN, clock.nanos()));
        server.routes.after(ctx -> {
            Duration took = ctx.attribute(BEGAN) instanceof Long n ? clock.elapsed(n) : Duration.ZERO;
            var endpoint = ctx.endpoints().matchedHttpEndpoint();
            durations
                    .labelValues(
                            method(ctx.method()),
                            endpoint == null ? "none" : endpoint.path,
                            "" + ctx.status().getCode())
                    .observe(took.toNanos() / 1e9);
            also.answered(ctx, took);
        });
    }

    /** Clients may invent methods, and each would be a series of its own. */
    private static String method(HandlerType method) {
        return HandlerType.commonHttp().contains(method) ? method.name() : "other";
    }
}
