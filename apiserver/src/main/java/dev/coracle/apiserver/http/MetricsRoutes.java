package dev.coracle.apiserver.http;

import dev.coracle.apiserver.authorization.Attributes;
import dev.coracle.apiserver.authorization.RbacAuthorizer;
import dev.coracle.apiserver.metrics.Metrics;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /apis/metrics.k8s.io/v1beta1}: nodes and pods, to get and to list. */
final class MetricsRoutes {
    private static final List<String> RESOURCES = List.of("nodes", "pods");

    private final Metrics metrics;
    private final RbacAuthorizer authorizer;

    MetricsRoutes(Metrics metrics, RbacAuthorizer authorizer) {
        this.metrics = metrics;
        this.authorizer = authorizer;
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

    /** Answers, if this is one of them. @param path from the resource on */
    boolean handles(
            Request request, Answer answer, GroupVersionResource resource, String namespace, List<String> path) {
        boolean ours = resource.group().equals(Metrics.GROUP)
                && resource.version().equals(Metrics.VERSION)
                && RESOURCES.contains(resource.resource())
                && path.size() <= 2
                && served();
        if (!ours) {
            return false;
        }
        String name = path.size() > 1 ? path.get(1) : "";
        if (!request.method().equals("GET")) {
            throw new StatusException(
                    405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        }
        authorizer.require(
                request.user(),
                new Attributes(
                        name.isEmpty() ? "list" : "get", Metrics.GROUP, resource.resource(), "", namespace, name, ""));
        String selector = request.parameter("labelSelector");
        var found = name.isEmpty()
                ? metrics.list(resource.resource(), namespace, LabelSelector.parse(selector))
                : metrics.get(resource.resource(), namespace, name);
        answer.send(200, "application/json", Json.bytes(found.map()));
        return true;
    }
}
