package dev.coracle.kubelet.stats;

import dev.coracle.kubelet.container.Sandboxes;
import dev.coracle.kubelet.stats.UsageSampler.ContainerUsage;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.ContainerStats;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What runs on the node and what it uses, as {@code /stats/summary} and {@code /metrics/resource} tell it. The nodes share
 * one machine, so a node uses what its pods do.
 */
public final class NodeStats {
    private record PodKey(String namespace, String name, String uid) implements Comparable<PodKey> {
        private String text() {
            return namespace + "/" + name + "/" + uid;
        }

        @Override
        public int compareTo(PodKey other) {
            return text().compareTo(other.text());
        }
    }

    /** @param cpuNanos since its start; {@code nanocores} lately */
    private record Reading(String name, Instant started, long cpuNanos, long nanocores, long workingSet, long usage) {}

    private final String node;
    private final RuntimeService runtime;
    private final UsageSampler sampler;
    private final Clock clock;
    private final Instant began;

    public NodeStats(String node, RuntimeService runtime, Clock clock) {
        this.node = node;
        this.runtime = runtime;
        this.sampler = new UsageSampler(runtime, clock);
        this.clock = clock;
        this.began = clock.now();
    }

    private Map<PodKey, List<Reading>> pods() {
        Map<String, Long> rates = new LinkedHashMap<>();
        for (ContainerUsage u : sampler.sample()) {
            rates.put(u.namespace() + "/" + u.pod() + "/" + u.container(), u.nanocores());
        }
        Map<PodKey, List<Reading>> pods = new TreeMap<>();
        for (ContainerStatus c : runtime.listContainers()) {
            if (c.state() != ContainerState.RUNNING) {
                continue;
            }
            try {
                ContainerStats s = runtime.containerStats(c.id());
                PodKey pod = new PodKey(
                        c.labels().getOrDefault(Sandboxes.POD_NAMESPACE, ""),
                        c.labels().getOrDefault(Sandboxes.POD_NAME, ""),
                        c.labels().getOrDefault(Sandboxes.POD_UID, ""));
                long rate = rates.getOrDefault(pod.namespace() + "/" + pod.name() + "/" + c.name(), 0L);
                Instant started = Instant.ofEpochSecond(0, c.startedAtNanos());
                pods.computeIfAbsent(pod, p -> new ArrayList<>())
                        .add(new Reading(
                                c.name(),
                                started,
                                s.cpuUsageNanos(),
                                rate,
                                s.memoryWorkingSetBytes(),
                                s.memoryUsageBytes()));
            } catch (CriException e) {
                // It has ended since it was listed.
                System.getLogger("coracle.kubelet").log(System.Logger.Level.DEBUG, "no stats of " + c.id(), e);
            }
        }
        return pods;
    }

    /** As upstream's {@code stats/v1alpha1.Summary}, as far as it is measured. */
    public Unstructured summary() {
        Instant now = clock.now();
        List<Unstructured> pods = new ArrayList<>();
        List<Reading> all = new ArrayList<>();
        pods().forEach((key, readings) -> {
            all.addAll(readings);
            Unstructured pod = used(readings, now)
                    .set(key.name(), "podRef", "name")
                    .set(key.namespace(), "podRef", "namespace")
                    .set(key.uid(), "podRef", "uid");
            readings.stream().map(Reading::started).min(Instant::compareTo).ifPresent(t -> pod.set(t, "startTime"));
            pod.set(
                    readings.stream()
                            .map(r ->
                                    used(List.of(r), now).set(r.name(), "name").set(r.started(), "startTime"))
                            .toList(),
                    "containers");
            pods.add(pod);
        });
        Unstructured summary = new Unstructured(new LinkedHashMap<>());
        summary.set(used(all, now).set(node, "nodeName").set(began, "startTime"), "node");
        return summary.set(pods, "pods");
    }

    private static Unstructured used(List<Reading> readings, Instant now) {
        return new Unstructured(new LinkedHashMap<>())
                .set(now, "cpu", "time")
                .set(readings.stream().mapToLong(Reading::nanocores).sum(), "cpu", "usageNanoCores")
                .set(readings.stream().mapToLong(Reading::cpuNanos).sum(), "cpu", "usageCoreNanoSeconds")
                .set(now, "memory", "time")
                .set(readings.stream().mapToLong(Reading::usage).sum(), "memory", "usageBytes")
                .set(readings.stream().mapToLong(Reading::workingSet).sum(), "memory", "workingSetBytes");
    }

    /** In Prometheus' text format. */
    public String resourceMetrics() {
        long at = clock.now().toEpochMilli();
        Map<PodKey, List<Reading>> pods = pods();
        List<Reading> all = pods.values().stream().flatMap(List::stream).toList();
        StringBuilder s = new StringBuilder();
        head(
                s,
                "container_cpu_usage_seconds_total",
                "counter",
                "Cumulative cpu time consumed by the container in core-seconds");
        each(pods, (labels, r) -> line(s, "container_cpu_usage_seconds_total", labels, r.cpuNanos() / 1e9, at));
        head(s, "container_memory_working_set_bytes", "gauge", "Current working set of the container in bytes");
        each(pods, (labels, r) -> line(s, "container_memory_working_set_bytes", labels, r.workingSet(), at));
        head(s, "container_start_time_seconds", "gauge", "Start time of the container since unix epoch in seconds");
        each(
                pods,
                (labels, r) -> line(
                        s, "container_start_time_seconds", labels, r.started().toEpochMilli() / 1e3, at));
        head(s, "node_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed by the node in core-seconds");
        line(s, "node_cpu_usage_seconds_total", "", cpu(all), at);
        head(s, "node_memory_working_set_bytes", "gauge", "Current working set of the node in bytes");
        line(s, "node_memory_working_set_bytes", "", memory(all), at);
        head(s, "pod_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed by the pod in core-seconds");
        pods.forEach((pod, readings) -> line(s, "pod_cpu_usage_seconds_total", labels(pod), cpu(readings), at));
        head(s, "pod_memory_working_set_bytes", "gauge", "Current working set of the pod in bytes");
        pods.forEach((pod, readings) -> line(s, "pod_memory_working_set_bytes", labels(pod), memory(readings), at));
        head(
                s,
                "resource_scrape_error",
                "gauge",
                "1 if there was an error while getting container metrics, 0 otherwise");
        return s.append("resource_scrape_error 0\n").toString();
    }

    private interface Visitor {
        void visit(String labels, Reading reading);
    }

    private static void each(Map<PodKey, List<Reading>> pods, Visitor visitor) {
        pods.forEach((pod, readings) ->
                readings.forEach(r -> visitor.visit("container=\"" + r.name() + "\"," + labels(pod), r)));
    }

    private static String labels(PodKey pod) {
        return "namespace=\"" + pod.namespace() + "\",pod=\"" + pod.name() + "\"";
    }

    private static double cpu(List<Reading> readings) {
        return readings.stream().mapToLong(Reading::cpuNanos).sum() / 1e9;
    }

    private static double memory(List<Reading> readings) {
        return readings.stream().mapToLong(Reading::workingSet).sum();
    }

    private static void head(StringBuilder s, String name, String type, String help) {
        s.append("# HELP ").append(name).append(" [STABLE] ").append(help).append('\n');
        s.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void line(StringBuilder s, String name, String labels, double value, long at) {
        s.append(name).append(labels.isEmpty() ? "" : "{" + labels + "}").append(' ');
        s.append(value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : Double.toString(value));
        s.append(' ').append(at).append('\n');
    }
}
