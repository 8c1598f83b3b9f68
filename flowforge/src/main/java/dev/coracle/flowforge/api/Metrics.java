package dev.coracle.flowforge.api;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Request counts by method and status, in Prometheus' text format. */
final class Metrics {
    private final Map<String, LongAdder> requests = new ConcurrentHashMap<>();

    void count(String method, int status) {
        requests.computeIfAbsent("method=\"" + method + "\",status=\"" + status + "\"", k -> new LongAdder())
                .increment();
    }

    String text() {
        StringBuilder s = new StringBuilder("# TYPE flowforge_http_requests_total counter\n");
        new TreeMap<>(requests)
                .forEach((labels, n) -> s.append("flowforge_http_requests_total{")
                        .append(labels)
                        .append("} ")
                        .append(n.sum())
                        .append('\n'));
        return s.toString();
    }
}
