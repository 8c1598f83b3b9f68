package dev.coracle.apiserver.http;

import dev.coracle.apiserver.metrics.Metrics;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code /apis/metrics.k8s.io/v1beta1}: nodes and pods, to get and to list. */
final class MetricsRoutes {
    private final Metrics metrics;

    MetricsRoutes(Metrics metrics) {
        this.metrics = metrics;
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
        String name = path.size() > 1 ? path.get(1) : "";
        if (!request.method().equals("GET")) {
            throw new StatusException(
                    405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        }
        var found = name.isEmpty()
                ? metrics.list(resource.resource(), namespace, selector(request))
                : metrics.get(resource.resource(), namespace, name);
        answer.send(200, "application/json", Json.bytes(found.map()));
        return true;
    }

    private static LabelSelector selector(Request request) {
        try {
            return LabelSelector.parse(request.parameter("labelSelector"));
        } catch (IllegalArgumentException e) {
            throw StatusException.badRequest(String.valueOf(e.getMessage()));
        }
    }
}
