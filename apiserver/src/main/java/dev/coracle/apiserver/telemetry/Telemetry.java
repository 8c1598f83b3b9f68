package dev.coracle.apiserver.telemetry;

import dev.coracle.machinery.env.Environment;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** All that is measured in this process. */
public final class Telemetry {
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final RequestMetrics requests;

    /** Found when somebody asks: a server that nobody watches starts without. */
    private static final class Formats {
        static final ExpositionFormats ALL = ExpositionFormats.init();
    }

    /** A page of metrics in the format that was asked for. */
    public record Page(String mediaType, byte[] text) {}

    public Telemetry(Environment environment) {
        this.requests = new RequestMetrics(registry, environment.clock());
    }

    public RequestMetrics requests() {
        return requests;
    }

    /** Adds what another component measures. */
    public void add(MultiCollector collector) {
        registry.register(collector);
    }

    /** @param accept the header of who asks, or {@code ""} */
    public Page page(String accept) {
        ExpositionFormatWriter writer = Formats.ALL.findWriter(accept);
        ByteArrayOutputStream out = new ByteArrayOutputStream(64 << 10);
        try {
            writer.write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Page(writer.getContentType(), out.toByteArray());
    }
}
