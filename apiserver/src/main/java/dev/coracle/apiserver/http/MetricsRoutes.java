package dev.coracle.apiserver.http;

import static dev.coracle.apiserver.definition.Columns.NAME;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.metrics.Metrics;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** {@code /apis/metrics.k8s.io/v1beta1}: nodes and pods, to get and to list. */
final class MetricsRoutes {
    private static final Map<String, List<Column>> COLUMNS = Map.of(
            "nodes", columns(o -> List.of(o)),
            "pods", columns(o -> o.objects("containers")));

    private final Metrics metrics;
    private final Computed computed;

    MetricsRoutes(Metrics metrics, Computed computed) {
        this.metrics = metrics;
        this.computed = computed;
    }

    boolean served() {
        return metrics.served();
    }

    /** The group's {@code APIResourceList}. */
    static List<Object> resources() {
        return List.of(resource("nodes", "NodeMetrics", false), resource("pods", "PodMetrics", true));
    }

    private static Map<String, Object> resource(String name, String kind, boolean namespaced) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("name", name);
        m.put("singularName", "");
        m.put("namespaced", namespaced);
        m.put("kind", kind);
        m.put("verbs", List.of("get", "list"));
        return m;
    }

    /** Whether the resource's objects lie in namespaces; empty for one that is not served here. */
    Optional<Boolean> namespaced(GroupVersionResource resource) {
        return metrics.namespaced(resource);
    }

    /** Answers, if this is one of them. @param path from the resource on */
    boolean handles(
            Request request, Answer answer, GroupVersionResource resource, String namespace, List<String> path) {
        if (namespaced(resource).isEmpty() || path.size() > 2) {
            return false;
        }
        Computed.requireRead(request);
        String plural = resource.resource();
        List<Column> columns = COLUMNS.getOrDefault(plural, List.of());
        if (path.size() > 1) {
            computed.one(request, answer, resource, columns, metrics.get(plural, namespace, path.get(1)));
        } else {
            List<Unstructured> selected = metrics.all(plural, namespace).stream()
                    .filter(Computed.selected(request))
                    .toList();
            computed.list(request, answer, resource, Metrics.kind(plural), columns, selected);
        }
        return true;
    }

    /** @param users who use something of an object: a pod's containers, a node itself */
    private static List<Column> columns(Function<Unstructured, List<Unstructured>> users) {
        return List.of(
                NAME,
                usage("cpu", users),
                usage("memory", users),
                new Column("Window", "string", "duration", "", 0, (o, now) -> o.string("window")));
    }

    private static Column usage(String resource, Function<Unstructured, List<Unstructured>> users) {
        return new Column(
                resource,
                "string",
                "quantity",
                "",
                0,
                (o, now) -> users.apply(o).stream()
                        .map(user -> Quantity.of(user.string("usage", resource)))
                        .reduce(Quantity::plus)
                        .orElse(Quantity.ZERO)
                        .toString());
    }
}
