package dev.coracle.apiserver.metrics;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code NodeMetrics} and {@code PodMetrics}, as metrics-server gives them; only what there is an object of. */
public final class Metrics {
    public static final String GROUP = "metrics.k8s.io";
    public static final String VERSION = "v1beta1";
    private static final List<String> RESOURCES = List.of("nodes", "pods");
    private static final String GROUP_VERSION = GROUP + "/" + VERSION;

    /** Looks up the object whose labels the metrics carry. */
    @FunctionalInterface
    public interface Objects {
        Optional<Unstructured> find(String resource, String namespace, String name);
    }

    private final UsageSource source;
    private final Objects objects;

    public Metrics(UsageSource source, Objects objects) {
        this.source = source;
        this.objects = objects;
    }

    public boolean served() {
        return source != UsageSource.NONE;
    }

    /** Whether the resource's objects lie in namespaces; empty for one that is not served here. */
    public Optional<Boolean> namespaced(GroupVersionResource resource) {
        boolean ours = resource.group().equals(GROUP)
                && resource.version().equals(VERSION)
                && RESOURCES.contains(resource.resource())
                && served();
        return ours ? Optional.of(resource.resource().equals("pods")) : Optional.empty();
    }

    /** @throws StatusException 404 with metrics-server's words when nothing is known of it */
    public Unstructured get(String resource, String namespace, String name) {
        return all(resource, namespace).stream()
                .filter(m -> m.name().equals(name))
                .findFirst()
                .orElseThrow(() -> StatusException.notFound(
                        new GroupVersionResource(
                                GROUP, VERSION, resource.equals("nodes") ? "nodemetrics" : "podmetrics"),
                        (namespace.isEmpty() ? "" : namespace + "/") + name));
    }

    public Unstructured list(String resource, String namespace, LabelSelector selector) {
        List<Object> items = new ArrayList<>();
        for (Unstructured m : all(resource, namespace)) {
            if (selector.matches(m.labels())) {
                items.add(m.map());
            }
        }
        return Unstructured.of(GROUP_VERSION, kind(resource) + "List")
                .set(new LinkedHashMap<String, Object>(), "metadata")
                .set(items, "items");
    }

    /** Of a resource's objects. */
    public static String kind(String resource) {
        return resource.equals("nodes") ? "NodeMetrics" : "PodMetrics";
    }

    /** In the order of namespaces and names. @param namespace empty for all */
    public List<Unstructured> all(String resource, String namespace) {
        List<Unstructured> all = new ArrayList<>();
        if (resource.equals("nodes")) {
            for (UsageSource.Node n : source.nodes()) {
                metrics("NodeMetrics", "nodes", "", n.name(), n.time(), n.window())
                        .map(m -> m.set(usage(n.usage()), "usage"))
                        .ifPresent(all::add);
            }
        } else {
            for (UsageSource.Pod p : source.pods()) {
                if (namespace.isEmpty() || namespace.equals(p.namespace())) {
                    metrics("PodMetrics", "pods", p.namespace(), p.name(), p.time(), p.window())
                            .map(m -> m.set(containers(p), "containers"))
                            .ifPresent(all::add);
                }
            }
        }
        all.sort(Comparator.comparing(Unstructured::namespace).thenComparing(Unstructured::name));
        return all;
    }

    private Optional<Unstructured> metrics(
            String kind, String resource, String namespace, String name, Instant time, Duration window) {
        return objects.find(resource, namespace, name).map(o -> {
            Unstructured m = Unstructured.of(GROUP_VERSION, kind, namespace, name);
            if (!o.labels().isEmpty()) {
                m.set(new LinkedHashMap<>(o.labels()), "metadata", "labels");
            }
            return m.set(time.truncatedTo(ChronoUnit.SECONDS).toString(), "metadata", "creationTimestamp")
                    .set(time.truncatedTo(ChronoUnit.SECONDS).toString(), "timestamp")
                    .set(window(window), "window");
        });
    }

    /** As Go prints a duration: {@code 15.016s}. */
    private static String window(Duration window) {
        long millis = window.toMillis();
        return millis % 1000 == 0
                ? millis / 1000 + "s"
                : millis / 1000 + "." + "%03d".formatted(millis % 1000).replaceAll("0+$", "") + "s";
    }

    private static List<Object> containers(UsageSource.Pod pod) {
        List<Object> list = new ArrayList<>();
        for (UsageSource.Container c : pod.containers()) {
            Map<String, Object> m = new LinkedHashMap<>();
            m.put("name", c.name());
            m.put("usage", usage(c.usage()));
            list.add(m);
        }
        return list;
    }

    private static Map<String, Object> usage(UsageSource.Usage usage) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("cpu", usage.nanocores() + "n");
        m.put("memory", usage.memoryBytes() / 1024 + "Ki");
        return m;
    }
}
