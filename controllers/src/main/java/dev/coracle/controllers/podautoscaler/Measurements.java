package dev.coracle.controllers.podautoscaler;

import dev.coracle.client.Client;
import dev.coracle.controllers.kit.Live;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The three APIs that tell what is measured: of pods and their containers, of objects, and of the world outside. The first
 * is this cluster's own, the others are extension servers', if anybody installed them. Whatever keeps one from answering
 * is an {@link UnmeasuredException}.
 */
final class Measurements {
    private static final GroupVersionResource PODS = new GroupVersionResource("metrics.k8s.io", "v1beta1", "pods");
    private static final String CUSTOM = "custom.metrics.k8s.io";
    private static final List<String> CUSTOM_VERSIONS = List.of("v1beta2", "v1beta1");
    private static final String EXTERNAL = "external.metrics.k8s.io";
    private static final GroupVersionResource API_SERVICES =
            new GroupVersionResource("apiregistration.k8s.io", "v1", "apiservices");
    /** Of metrics that do not tell it. */
    private static final Duration WINDOW = Duration.ofMinutes(1);

    private static final Pattern GO_DURATION = Pattern.compile("([0-9.]+)(h|ms|m|s|us|µs|ns)");

    private final Client client;

    Measurements(Client client) {
        this.client = client;
    }

    // ---- resources

    /** @param container alone, or {@code ""} for all of a pod */
    Map<String, Sample> resource(String resource, String namespace, String selector, String container) {
        List<Unstructured> all = ask("resource", PODS, namespace, "", "", Map.of("labelSelector", selector));
        Map<String, Sample> samples = new HashMap<>();
        for (Unstructured pod : all) {
            List<Unstructured> containers = pod.objects("containers").stream()
                    .filter(c -> container.isEmpty() || c.string("name").equals(container))
                    .toList();
            if (!container.isEmpty() && containers.isEmpty()) {
                throw new UnmeasuredException("failed to get container metrics: container " + container
                        + " not present in metrics for pod " + pod.namespace() + "/" + pod.name());
            }
            if (!containers.isEmpty() && containers.stream().allMatch(c -> c.has("usage", resource))) {
                long sum = containers.stream()
                        .mapToLong(c -> Quantity.of(c.get("usage", resource)).milli())
                        .sum();
                samples.put(pod.name(), new Sample(sum, time(pod), window(pod.string("window"))));
            }
        }
        return samples;
    }

    // ---- what extension servers tell

    /** Of each pod. @param labels the metric's own selector */
    Map<String, Sample> pods(String metric, String namespace, String selector, String labels) {
        Map<String, Sample> samples = new HashMap<>();
        for (Unstructured item : custom("pods", namespace, "*", metric, selector, labels)) {
            String field = item.has("windowSeconds") ? "windowSeconds" : "window";
            samples.put(
                    item.string("describedObject", "name"),
                    new Sample(
                            value(item),
                            time(item),
                            item.has(field) ? Duration.ofSeconds(item.integer(0, field)) : WINDOW));
        }
        return samples;
    }

    /** Of one object, in thousandths. */
    long object(String metric, String namespace, Unstructured ref, String labels) {
        GroupVersionKind kind = GroupVersionKind.of(ref.string("apiVersion"), ref.kind());
        List<Unstructured> found;
        if (kind.kind().equals("Namespace") && kind.group().isEmpty()) {
            // Whatever the reference's name: nobody looks out of his namespace.
            found = custom("metrics", namespace, metric, "", "", labels);
        } else {
            String resource;
            try {
                resource = Targets.resources(client, kind).getFirst().groupResource();
            } catch (UnmeasuredException e) {
                throw e.at("unable to fetch metrics from custom metrics API: unable to map kind " + ref.kind()
                        + (kind.group().isEmpty() ? "" : "." + kind.group()) + " to resource");
            }
            found = custom(resource, namespace, ref.string("name"), metric, "", labels);
        }
        if (found.size() != 1) {
            throw new UnmeasuredException("unable to fetch metrics from custom metrics API: the custom metrics API"
                    + " server returned " + found.size() + " results when we asked for exactly one");
        }
        return value(found.getFirst());
    }

    /** All values that there are, in thousandths. */
    List<Long> external(String metric, String namespace, String labels) {
        var resource = new GroupVersionResource(EXTERNAL, "v1beta1", metric);
        return ask("external", resource, namespace, "", "", Map.of("labelSelector", labels)).stream()
                .map(Measurements::value)
                .toList();
    }

    private List<Unstructured> custom(
            String resource, String namespace, String name, String metric, String selector, String labels) {
        String version = CUSTOM_VERSIONS.stream()
                .filter(v ->
                        Live.find(client, API_SERVICES, "", v + "." + CUSTOM).isPresent())
                .findFirst()
                .orElseThrow(() -> new UnmeasuredException("unable to fetch metrics from custom metrics API: no custom"
                        + " metrics API (" + CUSTOM + ") registered"));
        return ask(
                "custom",
                new GroupVersionResource(CUSTOM, version, resource),
                namespace,
                name,
                metric,
                Map.of("labelSelector", selector, "metricLabelSelector", labels));
    }

    private List<Unstructured> ask(
            String api,
            GroupVersionResource resource,
            String namespace,
            String name,
            String subresource,
            Map<String, String> parameters) {
        List<Unstructured> items;
        try {
            items = client.read(resource, namespace, name, subresource, parameters)
                    .objects("items");
        } catch (StatusException | UncheckedIOException e) {
            throw new UnmeasuredException("unable to fetch metrics from " + api + " metrics API: "
                    + (e instanceof StatusException s ? told(s, resource, name) : e.getMessage()));
        }
        if (items.isEmpty()) {
            throw new UnmeasuredException("no metrics returned from " + api + " metrics API");
        }
        return items;
    }

    /** As client-go tells of an answer that names nothing. */
    private static String told(StatusException e, GroupVersionResource resource, String name) {
        String asked = " (get " + resource.groupResource() + (name.isEmpty() ? ")" : " " + name + ")");
        String none = "the server could not find the requested resource";
        return switch (e.code()) {
            case 503 -> "the server is currently unable to handle the request" + asked;
            case 404 -> String.valueOf(e.getMessage()).equals(none) ? none + asked : String.valueOf(e.getMessage());
            default -> String.valueOf(e.getMessage());
        };
    }

    // ---- what an answer says

    private static long value(Unstructured item) {
        return Quantity.of(item.get("value")).milli();
    }

    private static Instant time(Unstructured item) {
        return item.time("timestamp").orElse(Instant.EPOCH);
    }

    /** {@code 1m15.016s}. */
    static Duration window(String text) {
        Duration sum = Duration.ZERO;
        for (Matcher m = GO_DURATION.matcher(text); m.find(); ) {
            double nanos = Double.parseDouble(m.group(1))
                    * switch (m.group(2)) {
                        case "h" -> 3600e9;
                        case "m" -> 60e9;
                        case "s" -> 1e9;
                        case "ms" -> 1e6;
                        case "ns" -> 1;
                        default -> 1e3;
                    };
            sum = sum.plusNanos((long) nanos);
        }
        return sum;
    }
}
