package dev.coracle.apiserver;

import dev.coracle.apiserver.aggregation.Aggregation;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.metrics.Metrics;
import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.Map;
import java.util.Optional;

/** What components of this process read that is stored nowhere here: as clients get it through the front door. */
record Elsewhere(Metrics metrics, Aggregation aggregation) {
    Unstructured read(
            UserInfo user,
            GroupVersionResource resource,
            String namespace,
            String name,
            String subresource,
            Map<String, String> parameters) {
        if (aggregation.isRemote(resource.group(), resource.version())) {
            String path = RestClient.path(resource, namespace, name, subresource);
            return aggregation.read(resource, user, path + RestClient.query(parameters));
        }
        Optional<Boolean> namespaced = metrics.namespaced(resource);
        if (namespaced.isEmpty()
                || !subresource.isEmpty()
                || !namespace.isEmpty() && !namespaced.get()
                || !name.isEmpty() && namespace.isEmpty() && namespaced.get()) {
            throw StatusException.notServed(resource, name);
        }
        if (!name.isEmpty()) {
            return metrics.get(resource.resource(), namespace, name);
        }
        try {
            LabelSelector selector = LabelSelector.parse(parameters.getOrDefault("labelSelector", ""));
            return metrics.list(resource.resource(), namespace, selector);
        } catch (IllegalArgumentException e) {
            throw StatusException.badRequest(String.valueOf(e.getMessage()));
        }
    }
}
